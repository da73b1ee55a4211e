import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../errors.ts';
import { createServer } from '../../http/server.ts';
import { noLog } from '../../lib/log.ts';
import { digestOf } from '../indexing.fixture.ts';
import { affectedManifestRoutes } from './affected-manifest.ts';

const URL = '/indexer/api/v1/internal/affected_manifest/';
const DIGEST = digestOf('a');
const TYPE = 'application/vnd.clair.affected_manifests.v1+json';

function app(asked: unknown[] = []) {
  const server = createServer({ log: noLog });
  affectedManifestRoutes(
    server,
    {
      async affectedManifests(vulnerabilities) {
        if (vulnerabilities.includes(7)) throw new AppError('bad-request', 'no');
        asked.push(...vulnerabilities);
        return {
          problems: [],
          async *pages() {
            yield { manifests: [[DIGEST, [0]]], next: '7' };
          },
          async *json() {
            yield '{"vulnerabilities":{"1":{"id":"1"}},';
            yield `"vulnerable_manifests":{"${DIGEST}":["1"]}}`;
          },
        };
      },
    },
    new AbortController().signal,
  );
  return server;
}

const post = (payload: string, headers: Record<string, string> = {}, asked: unknown[] = []) =>
  app(asked).inject({ method: 'POST', url: URL, payload, headers });

describe('affected_manifest', () => {
  it('answers', async () => {
    const asked: unknown[] = [];
    const response = await post('{"vulnerabilities":[{"id":"1"}],"more":1}', {}, asked);
    assert.deepEqual([response.statusCode, response.headers['content-type']], [200, TYPE]);
    assert.deepEqual(response.json(), {
      vulnerabilities: { 1: { id: '1' } },
      vulnerable_manifests: { [DIGEST]: ['1'] },
    });
    assert.deepEqual(asked, [{ id: '1' }]);
  });

  for (const body of ['{}', 'null', '{"vulnerabilities":null}', '{"vulnerabilities":[]}']) {
    it(`takes ${body} for none`, async () => assert.equal((await post(body)).statusCode, 200));
  }

  for (const body of ['', '{', '[]', '7', '{"vulnerabilities":{}}', '{"vulnerabilities":[7]}']) {
    it(`refuses ${body || 'nothing'}`, async () => {
      const response = await post(body);
      assert.deepEqual([response.statusCode, response.json().code], [400, 'bad-request']);
    });
  }

  it('negotiates the type, and offers POST alone', async () => {
    const json = await post('{}', { accept: 'application/json' });
    assert.equal(json.headers['content-type'], 'application/json');
    assert.equal((await post('{}', { accept: 'text/html' })).statusCode, 415);
    assert.equal((await app().inject({ url: URL })).statusCode, 405);
  });

  it('answers in pages', async () => {
    const url = '/indexer/api/v1/internal/affected_pages';
    const asked: unknown[] = [];
    const ask = (payload: string) => app(asked).inject({ method: 'POST', url, payload });
    const response = await ask('{"vulnerabilities":[{"id":"1"}],"after":"3"}');
    assert.deepEqual([response.statusCode, response.headers['content-type']], [200, 'application/x-ndjson']);
    assert.deepEqual(
      response.body.split('\n').map((line) => line && JSON.parse(line)),
      [{ problems: [] }, { sets: [[0]], manifests: [[DIGEST, 0]], next: '7' }, { done: true }, ''],
    );
    assert.deepEqual(asked, [{ id: '1' }]);
    for (const body of ['{}', 'null', '{"vulnerabilities":[],"after":"x"}', '{"vulnerabilities":[7]}'])
      assert.equal((await ask(body)).statusCode, 400, body);
  });
});
