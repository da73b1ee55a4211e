/** What the notifier asks of other services, against answers in the shapes of ours and of Clair's. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { remoteManifests } from './remote-manifests.ts';
import { readJson, remoteMatcher } from './remote-matcher.ts';
import { createServiceClient, type ServiceClient } from './service-client.ts';

const { signal } = new AbortController();
const REF = '5dcecb22-16f0-43ed-a960-33cf4c84315a';
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
const server = createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  answer(request, response, Buffer.concat(parts).toString());
});
let client: ServiceClient;

before(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  client = createServiceClient({ name: 'peer', address: `http://127.0.0.1:${port}` });
});
after(async () => {
  await client[Symbol.asyncDispose]();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

function answers(status: number, body: unknown): string[] {
  const asked: string[] = [];
  answer = (request, response, sent) => {
    asked.push(`${request.method} ${request.url} ${sent}`.trim());
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  return asked;
}

describe('the matcher behind HTTP', () => {
  const matcher = () => remoteMatcher(client);

  it('tells its runs', async () => {
    const operation = {
      ref: REF,
      updater: 'u',
      fingerprint: '',
      date: '2026-01-01T00:00:00.123456789Z',
      kind: '',
    };
    const asked = answers(200, { u: [operation], empty: null });
    const runs = await matcher().runs(true, signal);
    assert.equal(runs.u?.[0]?.ref, REF);
    assert.deepEqual(runs.empty, []);
    assert.deepEqual(asked, ['GET /matcher/api/v1/internal/update_operation?kind=vulnerability&latest=true']);
    answers(200, null);
    assert.deepEqual(await matcher().runs(false, signal), {});
  });

  for (const [what, status, body] of [
    ['no JSON', 200, '<html>'],
    ['another shape', 200, { u: [{ ref: 'x' }] }],
    ['a failure', 500, 'sorry'],
  ] as const) {
    it(`that answers with ${what} is told of`, async () => {
      answers(status, body);
      await assert.rejects(matcher().runs(false, signal), { code: 'service' });
      if (what === 'another shape') return;
      await assert.rejects(matcher().changes(REF, undefined, signal)[Symbol.asyncIterator]().next(), {
        code: 'service',
      });
    });
  }

  it('tells what changed', async () => {
    const asked = answers(200, { prev: {}, cur: {}, added: [{ id: '1' }], removed: null });
    const changes: unknown[] = [];
    for await (const change of matcher().changes(REF, REF, signal)) changes.push(change);
    assert.deepEqual(changes, [{ reason: 'added', vulnerability: { id: '1' } }]);
    assert.deepEqual(asked, [`GET /matcher/api/v1/internal/update_diff?cur=${REF}&prev=${REF}`]);
  });

  it('that goes away in the middle is told of', async () => {
    answer = (_, response) => {
      response.writeHead(200).write('{"added":[{"id":"1"},');
      setTimeout(() => response.destroy(), 20);
    };
    await assert.rejects(
      async () => {
        for await (const _ of matcher().changes(REF, undefined, signal));
      },
      { code: 'service' },
    );
  });
});

describe('the indexer behind HTTP', () => {
  it('tells which manifests are affected', async () => {
    const asked = answers(200, {
      vulnerabilities: {},
      vulnerable_manifests: { m: ['0'], n: null },
      problems: [{ source: 's', where: 'w', reason: 'r' }],
    });
    const change = {
      reason: 'added',
      vulnerability: { id: '77', name: 'A', description: 'long', links: 'long' },
    } as const;
    assert.deepEqual(await remoteManifests(client).affected([{ id: '0', change }], signal), {
      manifests: { m: ['0'], n: [] },
      problems: ['w: r'],
    });
    assert.deepEqual(asked, [
      'POST /indexer/api/v1/internal/affected_manifest/ {"vulnerabilities":[{"id":"0","name":"A","description":"","links":""}]}',
    ]);
    answers(200, { vulnerabilities: null, vulnerable_manifests: null });
    assert.deepEqual(await remoteManifests(client).affected([], signal), { manifests: {}, problems: [] });
    answers(200, []);
    await assert.rejects(remoteManifests(client).affected([], signal), { code: 'service' });
  });
});

describe('an answer', () => {
  it('is not read beyond its limit', async () => {
    async function* pieces() {
      for (;;) yield Buffer.alloc(1000);
    }
    await assert.rejects(readJson(pieces(), 5000), { code: 'too-large' });
  });
});
