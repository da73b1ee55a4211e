import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { hasOpenssl } from '../../lib/openssl.fixture.ts';
import { fetchLayer } from '../layer/fetch-layer.ts';
import { createLayerBudget, DEFAULT_LIMITS } from '../layer/layer-limits.ts';
import { openTarget, type RegistryFlags } from '../open-target.ts';
import { image, layout } from '../target/builder.fixture.ts';
import { type RegistryServerOptions, startRegistry, type TestRegistry } from './server.fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'tls-'));
after(() => rmSync(root, { recursive: true, force: true }));
const at = (name: string) => join(root, name);
const text = (name: string) => readFileSync(at(name), 'utf8');
const RETRY = { tries: 1, backoff: 1, longest: 1 };
const app = image(['one', 'two']);

/** A certificate by a new authority, with OpenSSL's command. */
function certify(name: string): void {
  const run = (...args: string[]) => execFileSync('openssl', args, { cwd: root, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  run(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    `${name}-ca.crt`,
    '-subj',
    `/CN=${name} authority`,
  );
  run('req', '-new', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
  writeFileSync(at('names'), 'subjectAltName=IP:127.0.0.1');
  run(
    ...['x509', '-req', '-in', `${name}.csr`, '-CA', `${name}-ca.crt`, '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-extfile', 'names', '-out', `${name}.cert`],
  );
}

async function served(options: RegistryServerOptions): Promise<TestRegistry> {
  const registry = await startRegistry(options);
  registry.content.pushLayout('team/app', layout([app.descriptor], app.blobs));
  return registry;
}

async function pull(
  { host }: Pick<TestRegistry, 'host'>,
  registry: RegistryFlags,
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const signal = AbortSignal.timeout(20_000);
  await using target = await openTarget(`docker://${host}/team/app`, {
    ...{ signal, spoolDir: root, env },
    registry: { retry: RETRY, ...registry },
  });
  for (const layer of structuredClone(target.manifest.layers)) {
    const budget = createLayerBudget(DEFAULT_LIMITS, () => false);
    await fetchLayer(layer, { signal, budget, allowLocal: true, retry: RETRY }, { write() {}, end() {} });
  }
}

describe('registries with TLS', { skip: !hasOpenssl() && 'no openssl to make certificates' }, () => {
  before(() => {
    certify('server');
    certify('client');
  });
  const tls = () => ({ key: text('server.key'), cert: text('server.cert') });

  it('are not trusted just so', async () => {
    await using registry = await served({ tls: tls() });
    await assert.rejects(pull(registry, {}), {
      code: 'bad-target',
      message: /unable to verify the first certificate; name the certificate of its authority with --ca-cert/,
    });
    await assert.rejects(pull(registry, { plainHttp: true }), { code: 'bad-target' });
    assert.equal(registry.seen.length, 0);
  });

  it('are trusted by their authority, or without asking, wherever their blobs are', async () => {
    for (const storage of [false, true]) {
      await using registry = await served({ tls: tls(), auth: 'bearer', storage });
      await pull(registry, { caCert: at('server-ca.crt') });
      await pull(registry, { insecure: true });
    }
  });

  it('are trusted by the certificates of the system', async () => {
    await using registry = await served({ tls: tls() });
    const program = `
      import { readRegistry } from ${JSON.stringify(new URL('./registry.ts', import.meta.url).href)};
      const [host, repository] = process.argv.slice(1);
      const options = { env: {}, insecure: false, signal: AbortSignal.timeout(9000) };
      console.log((await readRegistry({ host, repository, tag: 'latest' }, options)).hash);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', program, registry.host, 'team/app'],
      { env: { SSL_CERT_FILE: at('server-ca.crt') } },
    );
    assert.equal(stdout.trim(), app.digest);
  });

  it('have their certificates and ours in certs.d', async () => {
    await using registry = await served({ tls: { ...tls(), ca: text('client-ca.crt') } });
    await assert.rejects(pull(registry, { caCert: at('server-ca.crt') }));
    const folder = at(`config/containers/certs.d/${registry.host}`);
    mkdirSync(folder, { recursive: true });
    copyFileSync(at('server-ca.crt'), join(folder, 'ca.crt'));
    copyFileSync(at('client.cert'), join(folder, 'me.cert'));
    await assert.rejects(pull(registry, {}, { XDG_CONFIG_HOME: at('config') }), /me\.cert has no me\.key/);
    copyFileSync(at('client.key'), join(folder, 'me.key'));
    await pull(registry, {}, { XDG_CONFIG_HOME: at('config') });
    // On another port is another host: our certificate is not shown there.
    registry.manners.storage = true;
    await assert.rejects(pull(registry, {}, { XDG_CONFIG_HOME: at('config') }));
  });

  it('are told of when a file holds no certificate', async () => {
    await using registry = await served({ tls: tls() });
    await assert.rejects(
      pull(registry, { caCert: at('absent.pem') }),
      /cannot read certificate file .*absent\.pem: file or directory not found/,
    );
    writeFileSync(at('bad.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    await assert.rejects(pull(registry, { caCert: at('bad.pem') }), /bad\.pem has a certificate that/);
    await assert.rejects(pull(registry, { caCert: at('names') }), /names has no PEM certificate/);
  });
});

describe('registries behind a proxy', () => {
  it('are asked through it, unless they are named', async () => {
    const through: string[] = [];
    const proxy = createServer((request: IncomingMessage, response) => {
      through.push(`${request.method} ${request.url}`);
      response.writeHead(502).end();
    });
    proxy.on('connect', (request: IncomingMessage, socket) => {
      through.push(`CONNECT ${request.url}`);
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
    try {
      await using registry = await served({});
      const HTTP_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      await pull(registry, { plainHttp: true }, { HTTP_PROXY });
      assert.deepEqual(through, [], 'this machine is never asked for through one');
      const far = { host: 'registry.invalid' };
      await assert.rejects(pull(far, { plainHttp: true }, { HTTP_PROXY }), /returned status 502/);
      await assert.rejects(pull(far, {}, { HTTPS_PROXY: HTTP_PROXY }), /could not be reached/);
      const asked = [`GET http://${far.host}/v2/team/app/manifests/latest`, `CONNECT ${far.host}:443`];
      assert.deepEqual(through, asked);
      const excepted = { HTTP_PROXY, NO_PROXY: 'x.test,.invalid' };
      await assert.rejects(pull(far, { plainHttp: true }, excepted), /could not be reached/);
      assert.deepEqual(through, asked);
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });
});
