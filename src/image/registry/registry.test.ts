import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../errors.ts';
import { openTarget, type TargetOptions } from '../open-target.ts';
import { image, index, json } from '../target/builder.fixture.ts';
import { findCredentials } from './credentials.ts';
import { parseReference } from './reference.ts';
import { readRegistry } from './registry.ts';

const amd = image(['base', 'amd64', 'base']);
const arm = image(['arm64'], 'linux/arm64/v8');
const both = index([amd.descriptor, arm.descriptor]);
const USER = `Basic ${Buffer.from('me:secret').toString('base64')}`;

interface Seen {
  readonly host: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

/** How the registry behaves in a test. */
interface Manners {
  auth: 'none' | 'token' | 'basic';
  /** Who gets a token. */
  login: string | undefined;
  /** Whether blobs are on another host. */
  storage: boolean;
  /** Answers instead. */
  special: (path: string, response: ServerResponse) => boolean;
}

let manners: Manners;
let seen: Seen[] = [];
let servers: Server[] = [];
let registry = '';
let storage = '';
let root = '';

const blobs = new Map([...amd.blobs, ...arm.blobs]);
const manifests = new Map<string, Buffer>([
  ['both', both.bytes],
  ['amd', amd.blobs.get(amd.digest)!],
  ...[amd, arm].map(({ digest, blobs: own }) => [digest, own.get(digest)!] as const),
]);

async function listen(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    seen.push({
      host: request.headers.host ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization,
    });
    handler(request, response);
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function end(response: ServerResponse, status: number, body: Buffer | string = '', headers = {}): true {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers }).end(body);
  return true;
}

function serveRegistry(request: IncomingMessage, response: ServerResponse): boolean {
  const url = new URL(request.url ?? '', `http://${registry}`);
  if (manners.special(url.pathname, response)) return true;
  const { authorization } = request.headers;
  if (url.pathname === '/token') {
    if (manners.login !== undefined && authorization !== manners.login) return end(response, 401);
    assert.equal(url.searchParams.get('scope'), 'repository:team/app:pull');
    assert.equal(url.searchParams.get('service'), 'the "service"');
    return end(response, 200, json({ token: 'good', expires_in: 60 }));
  }
  const wanted = { none: undefined, token: 'Bearer good', basic: manners.login }[manners.auth];
  if (wanted !== undefined && authorization !== wanted) {
    const challenge = {
      none: '',
      token: `Bearer realm="http://${registry}/token",service="the \\"service\\"",scope="repository:team/app:pull"`,
      basic: 'Basic realm="x"',
    }[manners.auth];
    return end(response, 401, '{}', { 'www-authenticate': challenge });
  }
  const [, kind, name = ''] = /^\/v2\/team\/app\/(manifests|blobs)\/(.+)$/.exec(url.pathname) ?? [];
  const bytes = (kind === 'manifests' ? manifests : blobs).get(name);
  if (bytes === undefined)
    return end(response, 404, json({ errors: [{ code: 'X', message: 'manifest \x1b[31munknown' }] }));
  if (kind === 'blobs' && manners.storage) {
    return end(response, 307, '', { location: `http://${storage}/data/${name}?signature=abc` });
  }
  if (request.headers.range) return end(response, 206, bytes.subarray(0, 1));
  return end(response, 200, bytes);
}

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'registry-'));
  registry = await listen(serveRegistry);
  storage = await listen((request, response) => {
    if (request.url?.startsWith('/data/')) return end(response, 302, '', { location: '/moved' });
    return end(response, 206, 'x');
  });
});
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  servers = [];
  rmSync(root, { recursive: true, force: true });
});
beforeEach(() => {
  seen = [];
  manners = { auth: 'none', login: undefined, storage: false, special: () => false };
});

/** An environment with the credentials file `config`. */
function loggedIn(config: unknown): NodeJS.ProcessEnv {
  const directory = mkdtempSync(join(root, 'docker-'));
  writeFileSync(join(directory, 'config.json'), typeof config === 'string' ? config : json(config));
  return { DOCKER_CONFIG: directory };
}

async function opened(name = 'both', extra: Partial<TargetOptions> = {}) {
  const options = {
    signal: AbortSignal.timeout(20_000),
    spoolDir: root,
    env: {},
    platform: 'linux/amd64',
    registry: { retry: { tries: 1, backoff: 0, longest: 0 } },
    ...extra,
  };
  await using target = await openTarget(
    `docker://${registry}/team/app${name.includes('@') ? name : `:${name}`}`,
    options,
  );
  return target;
}

async function refused(message: RegExp, name?: string, extra?: Partial<TargetOptions>) {
  await assert.rejects(opened(name, extra), (error) => {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, 'bad-target');
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /secret|signature|\x1b/);
    return true;
  });
}

describe('image references', () => {
  it('are found by tag and platform, over plain HTTP on this machine', async () => {
    const { name, kind, manifest } = await opened();
    const layers = manifest.layers.map(({ hash, uri, headers }) => ({ hash, uri, headers }));
    assert.deepEqual([name, kind, manifest.hash], [`${registry}/team/app:both`, 'registry', amd.digest]);
    assert.deepEqual(
      layers,
      amd.layers.map((hash) => ({ hash, uri: `http://${registry}/v2/team/app/blobs/${hash}`, headers: {} })),
    );
    assert.equal(
      seen.filter(({ path }) => path.includes('blobs')).length,
      2,
      'an equal layer is asked for once',
    );
    assert.equal((await opened('both', { platform: 'linux/arm64' })).manifest.hash, arm.digest);
    await refused(/no image for linux\/s390x. Available: linux\/amd64, linux\/arm64\/v8/, 'both', {
      platform: 'linux/s390x',
    });
  });

  it('are found by digest', async () => {
    assert.equal((await opened(`@${amd.digest}`)).manifest.hash, amd.digest);
    assert.equal((await opened(`:ignored@${amd.digest}`)).manifest.hash, amd.digest);
  });

  it('are checked against the platform that was asked for', async () => {
    assert.equal((await opened('amd')).manifest.hash, amd.digest);
    await refused(/no image for linux\/arm64. Available: linux\/amd64/, 'amd', { platform: 'linux/arm64' });
  });

  it('are read with a token', async () => {
    manners.auth = 'token';
    const { manifest } = await opened();
    assert.deepEqual(manifest.layers[0]?.headers, { Authorization: ['Bearer good'] });
    assert.equal(seen.filter(({ path }) => path.startsWith('/token')).length, 1);
  });

  it('are read with a token for a login', async () => {
    Object.assign(manners, { auth: 'token', login: USER });
    const auth = Buffer.from('me:secret').toString('base64');
    await opened('both', { env: loggedIn({ auths: { [registry]: { auth } } }) });
    await refused(
      /token server http:.*\/token returned status 401; no credentials for .* found\. Run "docker login 127/,
    );
    const wrong = Buffer.from('me:secret2').toString('base64');
    await refused(/returned status 401; the stored credentials were rejected$/, 'both', {
      env: loggedIn({ auths: { [registry]: { auth: wrong } } }),
    });
  });

  it('are read with a plain login', async () => {
    Object.assign(manners, { auth: 'basic', login: USER });
    const env = loggedIn({ auths: { [`https://${registry}/v2/`]: { username: 'me', password: 'secret' } } });
    assert.deepEqual((await opened('both', { env })).manifest.layers[0]?.headers, { Authorization: [USER] });
    await refused(/authentication required; no credentials/);
  });

  it('have their blobs elsewhere, where credentials are never sent', async () => {
    Object.assign(manners, { auth: 'token', storage: true });
    const reference = parseReference(`${registry}/team/app:both`);
    const { layers } = await readRegistry(reference, {
      ...{ env: {}, insecure: false, platform: 'linux/amd64' },
      signal: AbortSignal.timeout(20_000),
    });
    assert.deepEqual(layers[0], { hash: amd.layers[0], uri: `http://${storage}/moved`, headers: {} });
    const there = seen.filter(({ host }) => host === storage);
    assert.ok(there.length === 4 && there.every(({ authorization }) => authorization === undefined));
  });

  it('are refused when what comes is not what was asked for', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    manners.special = (path, response) => path.endsWith(digest) && end(response, 200, both.bytes);
    await refused(/is damaged/, `@${digest}`);
    manners.special = (_, response) => end(response, 200, both.bytes, { 'docker-content-digest': digest });
    await refused(/is damaged/);
    manners.special = (_, response) => end(response, 200, Buffer.alloc(5 * 1024 * 1024));
    await refused(/more than 4194304 bytes/);
    manners.special = (_, response) => end(response, 200, '<html>');
    await refused(/is not JSON/);
    manners.special = (_, response) => end(response, 200, json({ schemaVersion: 1 }));
    await refused(/old schema 1/);
    manners.special = (_, response) => end(response, 302, '', { location: '/v2/again' });
    await refused(/redirects more than 10 times/);
    manners.special = (_, response) => end(response, 302, '', { location: 'file:///etc/passwd' });
    await refused(/not HTTP/);
    manners.special = (_, response) => {
      response.writeHead(200, { 'content-length': 9 }).write('{');
      response.destroy();
      return true;
    };
    await refused(/was interrupted|could not be reached/);
  });

  it('are told of when they cannot be had', async () => {
    await refused(/image not found \(404\) \(manifest {2}\[31munknown\)/, 'absent');
    manners.special = (_, response) => end(response, 503);
    await refused(/returned status 503/);
    manners.special = (path, response) => path.includes('blobs') && end(response, 404);
    await refused(/layer sha256:\w+: image not found/);
    manners.special = (_, response) => end(response, 401, '', { 'www-authenticate': 'Negotiate' });
    await refused(/by a method that is not supported/);
    manners.special = (_, response) =>
      end(response, 401, '', { 'www-authenticate': 'Bearer realm="nowhere"' });
    await refused(/does not name a token server/);
    await assert.rejects(
      openTarget('127.0.0.1:1/app', { signal: AbortSignal.timeout(9000), spoolDir: root, env: {} }),
      /http:\/\/127\.0\.0\.1:1\/v2\/app\/manifests\/latest could not be reached/,
    );
  });
});

describe('credentials', () => {
  const find = (host: string, env: NodeJS.ProcessEnv, repository = 'team/app') =>
    findCredentials(host, repository, env, AbortSignal.timeout(9000));
  const auth = (pair: string) => ({ auth: Buffer.from(pair).toString('base64') });

  it('are those of the registry, or of the nearest namespace', async () => {
    const env = loggedIn({
      auths: {
        'r.test': auth('a:1'),
        'r.test/team': auth('b:2:3\0\0'),
        'https://index.docker.io/v1/': auth('hub:4'),
      },
    });
    assert.deepEqual((await find('r.test', env)).credentials, { username: 'b', password: '2:3' });
    assert.deepEqual((await find('r.test', env, 'teams/app')).credentials, { username: 'a', password: '1' });
    assert.deepEqual((await find('docker.io', env)).credentials, { username: 'hub', password: '4' });
    assert.equal((await find('other.test', env)).credentials, undefined);
  });

  it('are found beside entries that cannot be read', async () => {
    const env = loggedIn({
      auths: { 'a.test': 7, 'b.test': { auth: 8 }, 'r.test': auth('a:1'), 'c.test': null },
      credHelpers: { 'a.test': 9, 'd.test': {} },
    });
    assert.deepEqual((await find('r.test', env)).credentials, { username: 'a', password: '1' });
    assert.deepEqual(await find('a.test', env), { problems: [] });
  });

  it('survive any file', async () => {
    const path = join(root, 'any.json');
    const env = { REGISTRY_AUTH_FILE: path };
    const some = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .record({ auths: fc.dictionary(fc.constantFrom('r.test', 'x'), fc.jsonValue()) })
        .map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(some, async (text) => {
        writeFileSync(path, text);
        await find('r.test', env);
      }),
      { numRuns: 200 },
    );
  });

  it('are looked for in one file after the other', async () => {
    const runtime = mkdtempSync(join(root, 'run-'));
    mkdirSync(join(runtime, 'containers'));
    writeFileSync(
      join(runtime, 'containers/auth.json'),
      json({ auths: { 'r.test': { identitytoken: 't' } } }),
    );
    const env = { ...loggedIn('{ "auths": secret'), XDG_RUNTIME_DIR: runtime };
    const { credentials, problems } = await find('r.test', env);
    assert.deepEqual(credentials, { identityToken: 't' });
    assert.match(problems.join(), /config\.json could not be read: not valid JSON$/);
    const home = { HOME: runtime, XDG_CONFIG_HOME: runtime };
    assert.deepEqual((await find('r.test', home)).credentials, { identityToken: 't' });
  });

  it('come from helpers', { skip: process.platform === 'win32' }, async () => {
    const helper = (name: string, script: string) => {
      writeFileSync(join(root, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`);
      chmodSync(join(root, `docker-credential-${name}`), 0o755);
    };
    helper('echo', 'read server; echo "{\\"Username\\":\\"$1\\",\\"Secret\\":\\"$server\\"}"');
    helper('token', 'echo \'{"Username":"<token>","Secret":"t"}\'');
    helper('none', 'echo credentials not found in native keychain; exit 1');
    helper('broken', 'echo secret; exit 3');
    helper('odd', 'echo secret');
    helper('endless', 'exec cat /dev/zero');
    const path = `${root}${delimiter}${process.env.PATH}`;
    const names = ['echo', 'token', 'none', 'broken', 'odd', 'endless', 'absent', '../evil'];
    const config = {
      credHelpers: Object.fromEntries(names.map((name) => [`${name}.test`, name])),
      credsStore: 'echo',
    };
    const env = { ...loggedIn(config), PATH: path };
    const ask = async (host: string) => {
      const { credentials, problems } = await find(host, env);
      return credentials ?? problems.join();
    };
    assert.deepEqual(await ask('echo.test'), { username: 'get', password: 'echo.test' });
    assert.deepEqual(await ask('store.test'), { username: 'get', password: 'store.test' });
    assert.deepEqual(await ask('docker.io'), { username: 'get', password: 'https://index.docker.io/v1/' });
    assert.deepEqual(await ask('token.test'), { identityToken: 't' });
    assert.equal(await ask('none.test'), '');
    assert.match(String(await ask('broken.test')), /^docker-credential-broken failed with exit code 3$/);
    assert.match(String(await ask('odd.test')), /its output cannot be parsed$/);
    assert.match(String(await ask('endless.test')), /its output exceeds the limit$/);
    assert.match(
      String(await ask('absent.test')),
      /returned no credentials: .*(not found|permission denied)/,
    );
    assert.match(String(await ask('../evil.test')), /no usable name$/);
    helper('slow', 'sleep 9');
    const slow = { ...loggedIn({ credsStore: 'slow' }), PATH: path };
    const { problems } = await findCredentials('r.test', 'app', slow, AbortSignal.timeout(9000), 100);
    assert.match(problems.join(), /^docker-credential-slow returned no credentials: it took too long$/);
  });

  it('are exchanged for a token when they are a refresh token', async () => {
    manners.auth = 'token';
    const bodies: string[] = [];
    manners.special = (path, response) => {
      if (path !== '/token') return false;
      const { req } = response;
      req.setEncoding('utf8').on('data', (chunk: string) => bodies.push(chunk));
      req.on('end', () => end(response, 200, json({ access_token: 'good' })));
      return true;
    };
    await opened('both', { env: loggedIn({ auths: { [registry]: { identitytoken: 'refresh me' } } }) });
    assert.equal(
      bodies.join(),
      'scope=repository%3Ateam%2Fapp%3Apull&service=the+%22service%22&grant_type=refresh_token&client_id=clairctl&refresh_token=refresh+me',
    );
  });
});
