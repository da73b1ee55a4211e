/** What the notifier asks of other services, against answers in the shapes of ours and of Clair's. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Change, ManifestPage } from '../notifier/sources.ts';
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
    ['no JSON', 200, '{"added":[{a}]}'],
    ['another shape', 200, { u: [{ ref: 'x' }] }],
    ['a failure', 500, 'sorry'],
  ] as const) {
    it(`that answers with ${what} is told of`, async () => {
      answers(status, body);
      await assert.rejects(matcher().runs(false, signal), { code: 'service-answer' });
      if (what === 'another shape') return;
      await assert.rejects(matcher().changes(REF, undefined, signal)[Symbol.asyncIterator]().next(), {
        code: 'service-answer',
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
  const change = {
    reason: 'added',
    vulnerability: { id: '77', name: 'A', description: 'long', links: 'long' },
  } as const;
  const ask = async (changes: readonly Change[], after = '') => {
    const problems: string[] = [];
    const pages: ManifestPage[] = [];
    const options = { after, signal, problem: (reason: string) => void problems.push(reason) };
    for await (const page of remoteManifests(client).affected(changes, options)) pages.push(page);
    return { pages, problems };
  };
  const QUESTION = '{"vulnerabilities":[{"id":"0","name":"A","description":"","links":""}]';

  /** As ours answers: lines in pieces of any length. */
  function lines(...texts: readonly string[]): string[] {
    return answers(200, texts.map((text) => `${text}\n`).join(''));
  }

  it('tells which manifests are affected, in pages', async () => {
    const asked = lines(
      '{"problems":[{"where":"w","reason":"r"}]}',
      '',
      '{"sets":[[0],[]],"manifests":[["m",0],["n",1],["o",0]],"next":"7"}',
      '{"sets":[[0]],"manifests":[["p",0]],"next":"8"}',
      '{"done":true}',
    );
    assert.deepEqual(await ask([change], '3'), {
      pages: [
        {
          manifests: [
            ['m', [0]],
            ['n', []],
            ['o', [0]],
          ],
          next: '7',
        },
        { manifests: [['p', [0]]], next: '8' },
      ],
      problems: ['w: r'],
    });
    assert.deepEqual(asked, [`POST /indexer/api/v1/internal/affected_pages ${QUESTION},"after":"3"}`]);
  });

  for (const [what, code, ...texts] of [
    ['an early end', 'service', '{"problems":[]}'],
    ['no JSON', 'service-answer', '<html>'],
    [
      'a position that was not asked about',
      'service-answer',
      '{"sets":[[1]],"manifests":[["m",0]],"next":""}',
    ],
    ['a set that is missing', 'service-answer', '{"sets":[],"manifests":[["m",0]],"next":""}'],
    ['another shape', 'service-answer', '{"manifests":7}'],
  ] as const) {
    it(`takes no pages with ${what}`, async () => {
      lines(...texts);
      await assert.rejects(ask([change]), { code });
    });
  }

  it('asks a Clair for one answer', async () => {
    const asked: string[] = [];
    let body: unknown;
    answer = (request, response, sent) => {
      asked.push(`${request.url} ${sent}`);
      if (request.url?.endsWith('affected_pages')) response.writeHead(404).end('404 page not found');
      else response.writeHead(200).end(JSON.stringify(body));
    };
    body = {
      vulnerabilities: {},
      vulnerable_manifests: { m: ['0', '0', '1', 'x'], n: null },
      problems: [{ source: 's', where: 'w', reason: 'r' }],
    };
    assert.deepEqual(await ask([change]), {
      pages: [
        {
          manifests: [
            ['m', [0]],
            ['n', []],
          ],
          next: '',
        },
      ],
      problems: ['w: r'],
    });
    assert.deepEqual(asked, [
      `/indexer/api/v1/internal/affected_pages ${QUESTION},"after":""}`,
      `/indexer/api/v1/internal/affected_manifest/ ${QUESTION}}`,
    ]);
    body = { vulnerabilities: null, vulnerable_manifests: null };
    assert.deepEqual(await ask([]), { pages: [{ manifests: [], next: '' }], problems: [] });
    body = [];
    await assert.rejects(ask([]), { code: 'service-answer' });
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
