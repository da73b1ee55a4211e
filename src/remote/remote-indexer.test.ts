import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { within } from '../lib/work-context.ts';
import { parseDigest } from '../model/digest.ts';
import { remoteIndexer } from './remote-indexer.ts';
import { createServiceClient } from './service-client.ts';

const DIGEST = parseDigest(`sha256:${'a'.repeat(64)}`);
const ETAG = '"state"';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Asks an indexer that answers so; gives what came of it, and how often it was asked. */
async function ask(known: string | undefined, answer: Answer) {
  let asked = 0;
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked++;
    seen.push(request);
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await using client = createServiceClient({ name: 'indexer', address });
  try {
    const trace = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), sampled: false };
    const got = await within({ trace }, () => remoteIndexer(client).newerReport!(DIGEST, known));
    assert.equal(seen[0]?.headers.traceparent, `00-${trace.traceId}-${trace.spanId}-00`);
    return { got, asked };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const has: Answer = (request, response) => {
  response.setHeader('etag', ETAG);
  if (request.headers['if-none-match'] === ETAG) response.writeHead(304).end();
  else response.end('{"report":1}');
};
/** As Clair does: before it looks whether there is one. */
const clairWithout: Answer = (request, response) =>
  response.writeHead(request.headers['if-none-match'] === ETAG ? 304 : 404).end();
const clairWith: Answer = (request, response) => {
  if (request.headers['if-none-match'] === ETAG) return response.writeHead(304).end();
  return response.setHeader('etag', ETAG).end('{"report":1}');
};

describe('remoteIndexer', () => {
  const report = { version: ETAG, json: '{"report":1}' };
  const cases: [string, string | undefined, Answer, object | undefined, number][] = [
    ['a report', undefined, has, report, 1],
    ['another than the known one', '"old"', has, report, 1],
    ['the known one', ETAG, has, { version: ETAG, json: undefined }, 1],
    ['one that Clair has', ETAG, clairWith, report, 2],
    ['one that Clair has lost', ETAG, clairWithout, undefined, 2],
    ['one that is not there', undefined, clairWithout, undefined, 1],
    ['one without an ETag', '', (_request, response) => response.end('{}'), { version: '', json: '{}' }, 1],
  ];
  for (const [what, known, answer, want, times] of cases) {
    it(`${what}`, async () => assert.deepEqual(await ask(known, answer), { got: want, asked: times }));
  }

  it('says what a 401 comes from', () =>
    assert.rejects(
      ask(undefined, (_request, response) => response.writeHead(401).end()),
      { code: 'service', message: /with 401: the key in `auth` must be the same/ },
    ));
  it('says who failed', () =>
    assert.rejects(
      ask(undefined, (_request, response) => response.writeHead(500).end('broken')),
      { code: 'service-answer', message: /the indexer at .* answered GET .* with 500: broken/ },
    ));
  it('passes on that another component is unavailable for now', () =>
    assert.rejects(
      ask(undefined, (_request, response) => response.writeHead(503).end('no server')),
      { code: 'service-unavailable', message: /the indexer at .* answered GET .* with 503: no server/ },
    ));
});
