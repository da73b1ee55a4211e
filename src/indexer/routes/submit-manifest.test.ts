/** Manifests that are submitted: at once, later, and more of them than slots. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { AppError, toldOf } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import type { Manifest } from '../../model/manifest.ts';
import {
  app,
  ETAG,
  FAILED,
  jobOf,
  KNOWN,
  LINKS,
  layer,
  manifest,
  PATH,
  REPORT,
  TYPE,
  UNKNOWN,
} from './index-report.fixture.ts';

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
