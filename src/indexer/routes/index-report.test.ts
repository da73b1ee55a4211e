import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { AppError, toldOf } from '../../errors.ts';
import { createServer } from '../../http/server.ts';
import { createSlots } from '../../http/slots.ts';
import { noLog } from '../../lib/log.ts';
import type { Digest } from '../../model/digest.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { Indexer } from '../indexer.ts';
import type { JobStatus } from '../jobs/job.ts';
import { type IndexReportParts, indexReportRoutes } from './index-report.ts';
import { type SubmitParts, submitManifestRoutes } from './submit-manifest.ts';

const PREFIX = '/indexer/api/v1';
const PATH = `${PREFIX}/index_report`;
const TYPE = 'application/vnd.clair.index_report.v1+json';
const STATE = 'd41d8cd98f00b204e9800998ecf8427e';
const ETAG = `"${STATE}"`;
const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const [KNOWN, FAILED, UNKNOWN] = [digest('a'), digest('f'), digest('b')];
const REPORT = '{"state":"IndexFinished"}';
const layer = { hash: KNOWN, uri: 'http://127.0.0.1/layer', headers: {} };
const manifest = { hash: KNOWN, layers: [layer] };

const jobOf = (hash: Digest, more: Partial<JobStatus> = {}): JobStatus => ({
  manifest: hash,
  running: false,
  submitted: new Date(0),
  attempts: 0,
  error: undefined,
  layersTotal: 1,
  layersDone: 0,
  bytes: 0,
  ...more,
});

function app(index: Indexer['index'] = async () => REPORT, { limit = -1, timeout = 60_000 } = {}) {
  const server = createServer({ log: noLog });
  const stop = new AbortController();
  const indexed: Manifest[] = [];
  const indexer: Pick<Indexer, 'state' | 'index' | 'report' | 'delete'> = {
    state: STATE,
    index: (manifest, options) => {
      indexed.push(manifest);
      return index(manifest, options);
    },
    report: async (hash) => {
      if (hash === KNOWN) return { json: async () => REPORT, state: 'IndexFinished', current: true };
      if (hash === FAILED)
        return { json: async () => '{"state":"IndexError"}', state: 'IndexError', current: false };
      return undefined;
    },
    delete: async (digests) => digests.filter((hash) => hash === KNOWN),
  };
  const jobs = new Map<string, JobStatus>();
  const parts: SubmitParts & IndexReportParts = {
    indexer,
    slots: createSlots(limit),
    timeout,
    stopping: stop.signal,
    jobs: {
      submit: async ({ hash }) => void jobs.set(hash, jobOf(hash)),
      status: async (hash) => jobs.get(hash),
      cancel: async (digests) => {
        for (const digest of digests) jobs.delete(digest);
      },
    },
  };
  submitManifestRoutes(server, parts);
  indexReportRoutes(server, parts);
  const ask = (method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS', url: string, more = {}) =>
    server.inject({ method, url, ...more });
  const post = (body: unknown, headers = {}) =>
    ask('POST', PATH, { body: typeof body === 'string' ? body : JSON.stringify(body), headers });
  return { server, stop, indexed, jobs, ask, post };
}

const LINKS = [
  `<${PATH}/${KNOWN}>; rel="https://projectquay.io/clair/v1/index_report"`,
  `</matcher/api/v1/vulnerability_report/${KNOWN}>; rel="https://projectquay.io/clair/v1/vulnerability_report"`,
];

describe('POST index_report', () => {
  it('answers 201 with the report, and where it is', async () => {
    const { post, indexed } = app();
    const { statusCode, headers, body } = await post(manifest);
    assert.deepEqual([statusCode, body], [201, REPORT]);
    assert.deepEqual(
      [headers['content-type'], headers.etag, headers.location, headers.link],
      [TYPE, ETAG, `${PATH}/${KNOWN}`, LINKS],
    );
    assert.deepEqual(indexed, [manifest]);
  });

  const fine: [string, unknown, Record<string, string>, Manifest['layers'][number]['headers']][] = [
    ['whatever it is said to be', manifest, { 'content-type': 'text/plain' }, {}],
    ['another state at hand', manifest, { 'if-none-match': '"x"' }, {}],
    ['headers', { ...manifest, layers: [{ ...layer, headers: { A: ['1', '2'] } }] }, {}, { A: ['1', '2'] }],
    ['no headers', { ...manifest, layers: [{ hash: KNOWN, uri: layer.uri }] }, {}, {}],
    ['null for headers', { ...manifest, layers: [{ ...layer, headers: null }] }, {}, {}],
    ['null for values', { ...manifest, layers: [{ ...layer, headers: { A: null } }] }, {}, { A: [] }],
    ['keys that it does not know', { ...manifest, extra: 1, layers: [{ ...layer, extra: 2 }] }, {}, {}],
    ['digests in capitals', { ...manifest, hash: KNOWN.replaceAll('a', 'A').replace('shA', 'sha') }, {}, {}],
  ];
  for (const [what, body, headers, want] of fine) {
    it(`takes ${what}`, async () => {
      const { post, indexed } = app();
      assert.equal((await post(body, headers)).statusCode, 201);
      assert.deepEqual(indexed, [{ hash: KNOWN, layers: [{ ...layer, headers: want }] }]);
    });
  }

  const refused: [string, unknown, RegExp][] = [
    ['nothing', '', /^failed to deserialize/],
    ['half of something', '{"hash":', /^failed to deserialize/],
    ['bytes', Buffer.from([0xff, 0xfe]).toString('latin1'), /^failed to deserialize/],
    ['null', 'null', /^bogus manifest$/],
    ['an array', '[]', /manifest/],
    ['a string', '"x"', /^failed to deserialize manifest/],
    ['no hash', { layers: [layer] }, /^bogus manifest$/],
    ['no layers', { hash: KNOWN, layers: [] }, /^bogus manifest$/],
    ['null for layers', { hash: KNOWN, layers: null }, /^bogus manifest$/],
    ['layers of no kind', { hash: KNOWN, layers: 'x' }, /layers/],
    ['keys in capitals', { Hash: KNOWN, LAYERS: [layer] }, /^bogus manifest$/],
    ['a digest that is too short', { ...manifest, hash: 'sha256:abcd' }, /digest "sha256:abcd"/],
    ['a digest of another kind', { ...manifest, hash: `md5:${'a'.repeat(32)}` }, /malformed digest/],
    ['a digest that is a number', { ...manifest, hash: 5 }, /^failed to deserialize manifest.*hash/s],
    ['a layer without a digest', { ...manifest, layers: [{ uri: layer.uri }] }, /hash/],
    ['a layer with a bad digest', { ...manifest, layers: [{ ...layer, hash: 'x' }] }, /malformed digest "x"/],
    ['headers of no kind', { ...manifest, layers: [{ ...layer, headers: 'a' }] }, /headers/],
    ['too many layers', { ...manifest, layers: Array(1025).fill(layer) }, /1025 layers, at most 1024/],
  ];
  for (const [what, body, message] of refused) {
    it(`refuses ${what}`, async () => {
      const { post, indexed } = app();
      const response = await post(body);
      assert.equal(response.statusCode, 400, response.body);
      assert.equal(response.headers['content-type'], 'application/json');
      assert.equal(response.json().code, 'bad-request');
      assert.match(response.json().message, message);
      assert.deepEqual(indexed, []);
    });
  }

  it('answers 412, with links and nothing else, where the state is known already', async () => {
    const { post, indexed } = app();
    const { statusCode, headers, body } = await post(manifest, { 'if-none-match': ETAG });
    assert.deepEqual([statusCode, body, headers.link, indexed], [412, '', LINKS, []]);
  });

  const failures: [AppError, number, string][] = [
    [new AppError('bad-layer', 'failed to start scan: no tar'), 400, 'bad-request'],
    [new AppError('layer-limit', 'failed to start scan: too big'), 400, 'bad-request'],
    [new AppError('layer-unavailable', 'failed to start scan: 503'), 500, 'internal-error'],
    [new AppError('layer-refused', 'failed to start scan: 404'), 422, 'bad-request'],
    [new AppError('bad-layer-url', 'failed to start scan: ftp'), 400, 'bad-request'],
    [new AppError('timeout', 'took too long'), 503, 'internal-error'],
    [new AppError('database', 'lost'), 503, 'internal-error'],
  ];
  for (const [error, status, code] of failures) {
    it(`answers ${status} to ${error.code}`, async () => {
      const { post } = app(() => Promise.reject(error));
      const response = await post(manifest);
      assert.equal(response.statusCode, status);
      assert.deepEqual(response.json(), { code, message: toldOf(error) });
      assert.equal(response.headers.link, undefined);
    });
  }

  it('ends what takes too long, and says what to do', async () => {
    const { post } = app(
      async (_manifest, { signal }) => {
        await once(signal, 'abort');
        throw signal.reason;
      },
      { timeout: 20 },
    );
    const response = await post(manifest);
    assert.deepEqual([response.statusCode, response.headers['retry-after']], [503, '10']);
    assert.match(response.json().message, /timed out after 0\.02 s \(indexer\.index_report_timeout\)/);
  });

  it('stops when its client goes away, and when the service does', async () => {
    for (const leave of ['client', 'service'] as const) {
      const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
      const { promise: ended, resolve: end } = Promise.withResolvers<unknown>();
      const { server, stop } = app(async (_manifest, { signal }) => {
        begin();
        await once(signal, 'abort');
        end(signal.reason);
        throw signal.reason;
      });
      await server.listen({ host: '127.0.0.1', port: 0 });
      const { port } = server.server.address() as AddressInfo;
      const client = request({ port, host: '127.0.0.1', path: PATH, method: 'POST' });
      client.end(JSON.stringify(manifest));
      const answer = once(client, 'response').catch(() => []);
      await begun;
      if (leave === 'client') client.destroy();
      else stop.abort(new AppError('not-ready', 'the service is stopping'));
      assert.match(String(await ended), leave === 'client' ? /client disconnected/ : /service is stopping/);
      const [response] = await answer;
      assert.equal(response?.statusCode, leave === 'client' ? undefined : 503);
      response?.resume();
      server.server.closeAllConnections();
      await server.close();
    }
  });
});

describe('GET index_report', () => {
  const cases: [string, string, Record<string, string>, number, string | undefined, RegExp][] = [
    ['the report', KNOWN, {}, 200, TYPE, /IndexFinished/],
    ['a digest in capitals', KNOWN.replaceAll('a', 'A').replace('shA', 'sha'), {}, 200, TYPE, /Finished/],
    ['one that failed', FAILED, {}, 200, TYPE, /IndexError/],
    ['plain JSON', KNOWN, { accept: 'application/json' }, 200, 'application/json', /IndexFinished/],
    ['another type', KNOWN, { accept: 'text/html' }, 415, 'application/json', /"internal-error"/],
    ['nonsense for a type', KNOWN, { accept: 'garbage' }, 415, 'application/json', /"internal-error"/],
    ['one that it has', KNOWN, { 'if-none-match': ETAG }, 304, undefined, /^$/],
    ['one of another state', KNOWN, { 'if-none-match': '"x"' }, 200, TYPE, /IndexFinished/],
    ['an unknown one', UNKNOWN, {}, 404, 'application/json', /"index report not found"/],
    [
      'an unknown one of this state',
      UNKNOWN,
      { 'if-none-match': ETAG },
      404,
      'application/json',
      /not-found/,
    ],
    ['a short digest', 'sha256:abcd', {}, 400, 'application/json', /"bad-request".*malformed digest/],
    ['a digest of another kind', `md5:${'a'.repeat(32)}`, {}, 400, 'application/json', /malformed digest/],
  ];
  for (const [what, hash, headers, status, type, body] of cases) {
    it(`${what} -> ${status}`, async () => {
      const response = await app().ask('GET', `${PATH}/${hash}`, { headers });
      assert.equal(response.statusCode, status, response.body);
      assert.equal(response.headers['content-type'], type);
      assert.match(response.body, body);
      assert.equal(response.headers.etag, status < 400 && hash !== FAILED ? ETAG : undefined);
    });
  }
  it('takes the last segment for the digest', async () => {
    const { ask } = app();
    assert.equal((await ask('GET', `${PATH}/a/b/${KNOWN}`)).statusCode, 200);
    assert.equal((await ask('GET', `${PATH}/`)).statusCode, 400);
    assert.equal((await ask('GET', `${PATH}/${KNOWN}`)).headers.vary, 'Accept, Accept-Encoding');
  });
});

describe('a manifest to be indexed later', () => {
  const later = { ...manifest, hash: UNKNOWN };
  it('is accepted, and told of until it is done', async () => {
    const { post, ask, jobs, indexed } = app();
    const posted = await post(later, { prefer: 'wait=5, Respond-Async; x=1' });
    assert.equal(posted.statusCode, 202);
    const { headers } = posted;
    assert.deepEqual(
      [headers['preference-applied'], headers.location, headers['retry-after'], headers.etag, indexed],
      ['respond-async', `${PATH}/${UNKNOWN}`, '2', undefined, []],
    );
    const { job, state, manifest_hash, packages } = posted.json();
    assert.deepEqual([job.state, state, manifest_hash, packages], ['queued', 'CheckManifest', UNKNOWN, {}]);
    jobs.set(
      UNKNOWN,
      jobOf(UNKNOWN as Digest, { running: true, attempts: 2, error: 'x', bytes: 5, layersDone: 1 }),
    );
    const got = await ask('GET', `${PATH}/${UNKNOWN}`, { headers: { 'if-none-match': ETAG } });
    assert.equal(got.statusCode, 200);
    assert.equal(got.headers['cache-control'], 'no-store');
    assert.deepEqual(
      [got.json().state, got.json().job],
      [
        'ScanLayers',
        {
          state: 'running',
          submitted: '1970-01-01T00:00:00.000Z',
          attempts: 2,
          error: 'x',
          layers_total: 1,
          layers_done: 1,
          bytes: 5,
        },
      ],
    );
    jobs.clear();
    assert.equal((await ask('GET', `${PATH}/${UNKNOWN}`)).statusCode, 404);
  });
  it('is answered at once where the report is there', async () => {
    const { post, jobs } = app();
    const posted = await post(manifest, { prefer: 'respond-async' });
    assert.deepEqual([posted.statusCode, posted.headers.etag, jobs.size], [201, ETAG, 0]);
  });
  it('is tried again where the last report failed, and is forgotten with its manifest', async () => {
    const { post, ask, jobs } = app();
    const posted = await post({ ...manifest, hash: FAILED }, { prefer: 'respond-async' });
    assert.deepEqual([posted.statusCode, posted.json().state], [202, 'CheckManifest']);
    await ask('DELETE', `${PATH}/${FAILED}`);
    assert.equal(jobs.size, 0);
    await post({ ...manifest, hash: FAILED }, { prefer: 'respond-async' });
    await ask('DELETE', PATH, { body: JSON.stringify([FAILED]) });
    assert.equal(jobs.size, 0);
  });
});

describe('more manifests than slots', () => {
  it('answers 42 of 50 with 429, each with a whole body on a connection that stays', async () => {
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    const { server, stop } = app(
      async () => {
        await opened;
        return REPORT;
      },
      { limit: 8 },
    );
    await server.listen({ host: '127.0.0.1', port: 0 });
    const { port } = server.server.address() as AddressInfo;
    let refused = 0;
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const answer = await fetch(`http://127.0.0.1:${port}${PATH}`, {
          method: 'POST',
          body: JSON.stringify(manifest),
        });
        if (answer.status === 429 && ++refused === 42) open();
        return { status: answer.status, retry: answer.headers.get('retry-after'), json: await answer.json() };
      }),
    );
    const late = answers.filter(({ status }) => status === 429);
    assert.deepEqual([answers.filter(({ status }) => status === 201).length, late.length], [8, 42]);
    for (const { retry, json } of late) {
      assert.equal(retry, '1');
      assert.deepEqual(json, { code: 'too-many-requests', message: 'server handling too many requests' });
    }
    const again = await fetch(`http://127.0.0.1:${port}${PATH}`, {
      method: 'POST',
      body: JSON.stringify(manifest),
    });
    assert.equal(again.status, 201);
    await again.text();
    stop.abort();
    server.server.closeAllConnections();
    await server.close();
  });
});

describe('DELETE index_report', () => {
  it('answers 204, known or not', async () => {
    for (const hash of [KNOWN, UNKNOWN]) {
      const { statusCode, body } = await app().ask('DELETE', `${PATH}/${hash}`);
      assert.deepEqual([statusCode, body], [204, '']);
    }
    assert.equal((await app().ask('DELETE', `${PATH}/nope`)).statusCode, 400);
  });

  const bulk: [string, unknown, number, string][] = [
    ['those that were there', [KNOWN, UNKNOWN], 200, JSON.stringify([KNOWN])],
    ['null where none was', [UNKNOWN], 200, 'null'],
    ['null for nothing', [], 200, 'null'],
    ['null for null', null, 200, 'null'],
  ];
  for (const [what, body, status, want] of bulk) {
    it(`gives ${what}`, async () => {
      const response = await app().ask('DELETE', PATH, { body: JSON.stringify(body) });
      assert.deepEqual([response.statusCode, response.body], [status, want]);
      assert.equal(response.headers['content-type'], 'application/json');
    });
  }

  for (const body of ['', '{', '{}', '"x"', '[5]', '["x"]']) {
    it(`refuses ${JSON.stringify(body)}`, async () => {
      const response = await app().ask('DELETE', PATH, { body });
      assert.equal(response.statusCode, 400);
      assert.equal(response.json().code, 'bad-request');
    });
  }
});

describe('index_state', () => {
  const type = 'application/vnd.clair.index_state.v1+json';
  const cases: [Record<string, string>, number, string | undefined][] = [
    [{}, 200, type],
    [{ accept: '*/*' }, 200, type],
    [{ accept: 'application/json' }, 200, 'application/json'],
    [{ accept: 'text/html' }, 415, 'application/json'],
    [{ 'if-none-match': ETAG }, 304, undefined],
    [{ 'if-none-match': `"x", ${ETAG}` }, 304, undefined],
  ];
  for (const [headers, status, want] of cases) {
    it(`${JSON.stringify(headers)} -> ${status}`, async () => {
      const response = await app().ask('GET', `${PREFIX}/index_state`, { headers });
      assert.deepEqual([response.statusCode, response.headers['content-type']], [status, want]);
      if (status < 400) assert.equal(response.headers.etag, ETAG);
      if (status === 200) assert.equal(response.body, `{"state":"${STATE}"}`);
    });
  }
});

describe('other methods and paths', () => {
  const cases: ['GET' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS', string, number, string][] = [
    ['GET', PATH, 405, 'POST, DELETE'],
    ['PUT', PATH, 405, 'POST, DELETE'],
    ['OPTIONS', PATH, 405, 'POST, DELETE'],
    ['POST', `${PATH}/${KNOWN}`, 405, 'GET, HEAD, DELETE'],
    ['POST', `${PREFIX}/index_state`, 405, 'GET, HEAD'],
    ['GET', `${PREFIX}/index_state/`, 404, ''],
  ];
  for (const [method, url, status, allow] of cases) {
    it(`${method} ${url.replace(KNOWN, 'D')} -> ${status}`, async () => {
      const response = await app().ask(method, url, method === 'POST' ? { body: '{}' } : {});
      assert.equal(response.statusCode, status);
      assert.equal(response.headers.allow ?? '', allow);
      if (status === 405) assert.equal(response.json().code, 'method-not-allowed');
    });
  }
});
