/** The API of a running service: what Quay does, what docs/reference/http-api.md shows, and answers held against the OpenAPI document. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { SignJWT } from 'jose';
import { parse } from 'yaml';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { describe as describeOperation } from '../../src/http/openapi/describe.ts';
import { openapiDocument } from '../../src/http/openapi/document.ts';
import { OPERATIONS } from '../../src/service/operations.ts';
import { freePort } from '../conformance/service.ts';
import { ROOT } from '../imports.ts';
import { digestOf, makeTar } from './make-image.ts';
import { QUAY_INDEX_REPORT, QUAY_STATE, QUAY_VULNERABILITY_REPORT } from './quay-schema.ts';
import { start } from './run-program.ts';
import { ALPINE, startWorld, type World, worldConfig } from './world.ts';

const INDEX = '/indexer/api/v1/index_report';
const REPORT = '/matcher/api/v1/vulnerability_report';
const KEY = Buffer.from('a key of a test');
const UNKNOWN = digestOf('unknown');

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a client without types would
type Json = any;

interface Manifest {
  readonly hash: string;
  readonly layers: { hash: string; uri: string; headers?: Record<string, string[]> }[];
}

interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Json;
}

describe('the API', () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-api-'));
  let world: World;
  let address = '';
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true, uuid: true, uri: true } });
  ajv.addSchema({ $id: 'clair', components: openapiDocument(OPERATIONS).components });

  before(async () => {
    world = open.use(await startWorld());
    const { dsn } = open.use(await testDatabase());
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    const file = join(folder, 'config.yaml');
    const config = worldConfig(world, {
      http_listen_addr: `127.0.0.1:${port}`,
      introspection_addr: `127.0.0.1:${await freePort()}`,
      indexer: { connstring: dsn, migrations: true },
      matcher: { connstring: dsn, migrations: true, disable_enrichment: true },
      auth: { psk: { key: KEY.toString('base64'), iss: ['quay'] } },
    });
    writeFileSync(file, config);
    const service = open.use(start('clair', ['-conf', file, '-mode', 'combo']));
    await service.waitFor(/feeds updated/);
  });
  after(async () => {
    await open.disposeAsync();
    rmSync(folder, { recursive: true, force: true });
  });

  /** As Quay signs: an issuer, an end, and no more. */
  const token = (): Promise<string> =>
    new SignJWT({ iss: 'quay' }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('5m').sign(KEY);

  /** Asks, and holds the answer against the document. */
  async function ask(method: string, path: string, body?: unknown, headers: object = {}): Promise<Got> {
    const answer = await fetch(address + path, {
      method,
      headers: { authorization: `Bearer ${await token()}`, ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const got = {
      status: answer.status,
      headers: answer.headers,
      json: text === '' ? undefined : JSON.parse(text),
    };
    hold(method, path, got);
    return got;
  }

  function hold(method: string, path: string, { status, headers, json }: Got): void {
    const operation = OPERATIONS.map(describeOperation).find((each) => {
      const pattern = each.path.replaceAll('/', '\\/').replace(/\{\w+\}/g, '[^/]+');
      return each.method === method && new RegExp(`^${pattern}$`).test(path.replace(/\?.*/, ''));
    });
    const response = operation?.responses[status];
    assert.ok(response, `${method} ${path} -> ${status} is not in the document`);
    assert.equal(
      json === undefined,
      response.schema === undefined,
      `${method} ${path} -> ${status}: content`,
    );
    for (const name of Object.keys(response.headers ?? {})) {
      const isOptional = name === 'ETag' && status === 200;
      assert.ok(isOptional || headers.has(name), `${method} ${path} -> ${status}: no ${name}`);
    }
    if (response.schema === undefined) return;
    const { types = ['application/json'] } = response;
    assert.ok(
      types.includes(headers.get('content-type') ?? ''),
      `${method} ${path}: ${headers.get('content-type')}`,
    );
    const check = ajv.getSchema(`clair#/components/schemas/${response.schema}`);
    assert.ok(check?.(json), `${method} ${path} -> ${status}: ${ajv.errorsText(check?.errors)}`);
  }

  function imageOf(name: string): Manifest {
    const blob = gzipSync(makeTar({ ...ALPINE, 'etc/hostname': name }));
    const hash = digestOf(blob);
    world.blobs.set(hash, blob);
    return {
      hash: digestOf(`manifest of ${hash}`),
      layers: [{ hash, uri: `${world.address}/blobs/${hash}` }],
    };
  }

  const isValid = (schema: object, json: unknown): void => {
    assert.ok(ajv.validate(schema, json), ajv.errorsText());
  };

  it('does for Quay what Quay asks for, in its order', async () => {
    const { json: state } = await ask('GET', '/indexer/api/v1/index_state');
    isValid(QUAY_STATE, state);

    const image = imageOf('quay');
    const headers = { Accept: ['application/gzip'], Authorization: ['Bearer short-lived'] };
    const manifest = { hash: image.hash, layers: image.layers.map((layer) => ({ ...layer, headers })) };
    const notYet = await ask('GET', `${REPORT}/${manifest.hash}`);
    assert.equal(notYet.status, 404);

    const indexed = await ask('POST', INDEX, manifest);
    assert.equal(indexed.status, 201);
    isValid(QUAY_INDEX_REPORT, indexed.json);
    assert.equal(indexed.json.state, 'IndexFinished');
    // What it stores, to see whether to come again.
    assert.equal(indexed.headers.get('etag')?.replace(/^"|"$/g, ''), state.state);

    const { status, json: report } = await ask('GET', `${REPORT}/${manifest.hash}`);
    assert.equal(status, 200);
    isValid(QUAY_VULNERABILITY_REPORT, report);
    for (const id of Object.keys(report.packages)) {
      assert.ok(report.environments[id]?.[0]?.introduced_in, `package ${id} comes from nowhere`);
    }
    const found = Object.entries<string[]>(report.package_vulnerabilities).flatMap(([id, ids]) =>
      ids.map((key) => [report.packages[id].name, report.vulnerabilities[key].name]),
    );
    assert.deepEqual(found, [['teapot', 'CVE-2099-0001']]);

    assert.equal((await ask('DELETE', `${INDEX}/${manifest.hash}`)).status, 204);
    assert.equal((await ask('GET', `${REPORT}/${manifest.hash}`)).status, 404);
    // It marks a manifest as unsupported for ever only when that is what it is.
    const broken: [string, Manifest, number][] = [
      [
        'a layer that is gone',
        { hash: UNKNOWN, layers: [{ hash: UNKNOWN, uri: `${world.address}/blobs/x` }] },
        422,
      ],
      ['a layer with other bytes', { hash: UNKNOWN, layers: [{ ...image.layers[0]!, hash: UNKNOWN }] }, 422],
      ['nobody at the URL', { hash: UNKNOWN, layers: [{ hash: UNKNOWN, uri: 'http://127.0.0.1:1/' }] }, 500],
      ['no URL', { hash: UNKNOWN, layers: [{ hash: UNKNOWN, uri: 'nonsense' }] }, 400],
      [
        'a scheme that is not asked',
        { hash: UNKNOWN, layers: [{ hash: UNKNOWN, uri: 'file:///etc/passwd' }] },
        400,
      ],
      [
        'an address that is not asked',
        { hash: UNKNOWN, layers: [{ hash: UNKNOWN, uri: 'http://169.254.169.254/' }] },
        400,
      ],
    ];
    for (const [what, manifest, want] of broken)
      assert.equal((await ask('POST', INDEX, manifest)).status, want, what);
    const failed = await ask('GET', `${INDEX}/${UNKNOWN}`);
    assert.deepEqual([failed.json.state, failed.headers.get('etag')], ['IndexError', null]);
  });

  it('answers as the document says', async () => {
    const image = imageOf('document');
    const state = (await ask('POST', INDEX, image)).headers.get('etag') ?? '';
    const fresh = { 'if-none-match': state };
    const tag = (await ask('GET', `${REPORT}/${image.hash}`)).headers.get('etag') ?? '';
    const updates = (await ask('GET', '/matcher/api/v1/internal/update_operation')) as Got;
    const [operation] = Object.values<Json>(updates.json)[0] ?? [];
    const cases: [string, string, number, unknown?, object?][] = [
      ['POST', INDEX, 412, image, fresh],
      ['POST', INDEX, 400, '{'],
      ['POST', INDEX, 415, 'x', { 'content-encoding': 'br' }],
      ['POST', INDEX, 413, `"${'x'.repeat(17 * 1024 * 1024)}"`],
      ['GET', `${INDEX}/${image.hash}`, 200],
      ['GET', `${INDEX}/${image.hash}`, 304, undefined, fresh],
      ['GET', `${INDEX}/${image.hash}`, 415, undefined, { accept: 'text/html' }],
      ['GET', `${INDEX}/${digestOf('never seen')}`, 404],
      ['GET', `${INDEX}/nonsense`, 400],
      ['GET', '/indexer/api/v1/index_state', 304, undefined, fresh],
      ['GET', `${REPORT}/${image.hash}`, 304, undefined, { 'if-none-match': tag }],
      [
        'GET',
        '/matcher/api/v1/internal/update_operation',
        304,
        undefined,
        { 'if-none-match': `"${operation.ref}"` },
      ],
      ['GET', '/matcher/api/v1/internal/update_operation?kind=x', 400],
      ['GET', `/matcher/api/v1/internal/update_diff?cur=${operation.ref}`, 200],
      ['GET', '/matcher/api/v1/internal/update_diff?cur=x', 400],
      ['GET', '/matcher/api/v1/internal/update_diff?cur=00000000-0000-0000-0000-000000000007', 404],
      ['DELETE', '/matcher/api/v1/internal/update_operation/00000000-0000-0000-0000-000000000007', 200],
      ['GET', '/matcher/api/v1/internal/feeds', 200],
      ['POST', '/matcher/api/v1/internal/feeds/update', 400, { sets: ['nonsense'] }],
      ['POST', '/indexer/api/v1/internal/affected_manifest/', 200, { vulnerabilities: [] }],
      ['POST', '/indexer/api/v1/internal/affected_manifest/', 400, '['],
      ['GET', '/openapi/v1', 200],
      ['POST', '/matcher/api/v1/match_report', 400, '{}'],
      ['DELETE', INDEX, 200, [UNKNOWN]],
      ['DELETE', INDEX, 400, '{}'],
      ['DELETE', `${INDEX}/${image.hash}`, 204],
    ];
    for (const [method, path, want, body, headers] of cases) {
      assert.equal((await ask(method, path, body, headers)).status, want, `${method} ${path}`);
    }
    const authorization = `Bearer ${await token()}`;
    const headers = { authorization, accept: 'application/yaml' };
    const yaml = await fetch(`${address}/openapi/v1`, { headers });
    assert.deepEqual(parse(await yaml.text()), openapiDocument(OPERATIONS));
    const refused = await fetch(`${address}/indexer/api/v1/index_state`);
    assert.deepEqual([refused.status, refused.headers.get('www-authenticate')], [401, 'Bearer']);
  });

  it('does what docs/reference/http-api.md shows', async () => {
    const image = imageOf('documentation');
    const blocks = readFileSync(join(ROOT, 'docs/reference/http-api.md'), 'utf8').matchAll(
      /```sh\n(.*?)```/gs,
    );
    const said = `Authorization: Bearer ${await token()}`;
    const run = async (
      command: string,
      env: Record<string, string>,
    ): Promise<{ status: number; json: Json }> => {
      const curl = command.trim().replace(/^curl/, `curl -w '\\n%{http_code}' -H '${said}'`);
      const { stdout } = await promisify(execFile)('sh', ['-c', curl], { env: { ...process.env, ...env } });
      const [, body = '', status = ''] = /^(.*)\n(\d+)$/s.exec(stdout) ?? [];
      return { status: Number(status), json: body === '' ? undefined : JSON.parse(body) };
    };
    const etag = async () => (await ask('GET', `${REPORT}/${image.hash}`)).headers.get('etag') ?? '';
    const wants: [RegExp, number][] = [
      [/index_report" -d/, 201],
      [/index_state/, 200],
      [/respond-async/, 201],
      [/index_report\/\$DIGEST/, 200],
      [/vulnerability_report\/\$DIGEST"$/, 200],
      [/If-None-Match/, 304],
      [/-X DELETE/, 204],
      [/-X PUT .*names/, 204],
    ];
    const commands = [...blocks].map(([, command = '']) => command.trim());
    assert.equal(commands.length, wants.length);
    for (const [i, command] of commands.entries()) {
      const [pattern, status] = wants[i]!;
      assert.match(command, pattern);
      const ETAG = command.includes('ETAG') ? await etag() : '';
      const env = { CLAIR: address, MANIFEST: JSON.stringify(image), DIGEST: image.hash, ETAG };
      assert.equal((await run(command, env)).status, status, command);
    }
    // It was indexed already: now one that is not.
    const other = imageOf('later');
    const env = { CLAIR: address, MANIFEST: JSON.stringify(other), DIGEST: other.hash };
    const posted = await run(commands[2]!, env);
    assert.equal(posted.status, 202);
    let got = posted;
    for (let i = 0; i < 200 && (got.json.job !== undefined || i === 0); i++) {
      await sleep(100);
      got = await run(commands[3]!, env);
    }
    assert.deepEqual([got.status, got.json.state, got.json.job], [200, 'IndexFinished', undefined]);
  });
});
