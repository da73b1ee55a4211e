import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { parseDigest } from '../../model/digest.ts';
import { type ClairApi, openApi } from './clair-api.ts';

const HASH = parseDigest(`sha256:${'0'.repeat(64)}`);
const MANIFEST = { hash: HASH, layers: [] };

interface Answer {
  readonly status: number;
  readonly body?: string | undefined;
  readonly headers?: Record<string, string>;
}

/** A server that answers one after another, the last for ever; `seen` gets `METHOD path`. */
async function withServer(
  answers: readonly Answer[],
  run: (api: ClairApi, seen: IncomingMessage[]) => Promise<void>,
  { path = '/', patience = 5000 } = {},
): Promise<void> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { status, body = '', headers = {} } = answers[Math.min(seen.length, answers.length - 1)]!;
    seen.push(request);
    request.resume();
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  await using _stop = new AsyncDisposableStack();
  _stop.defer(() => new Promise<void>((done) => void server.close(() => done())));
  _stop.defer(() => server.closeAllConnections());
  await using api = openApi({
    host: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    sign: async () => 'Bearer token',
    patience,
    signal: AbortSignal.timeout(60_000),
    onWait: () => {},
  });
  await run(api, seen);
}

const finished = (more: Record<string, unknown> = {}): string =>
  JSON.stringify({ manifest_hash: HASH, state: 'IndexFinished', success: true, err: '', ...more });
const error = (code: string, message: string): string => JSON.stringify({ code, message });

describe('the API as clairctl uses it', () => {
  it('keeps a path before it, signs, and says who it is', () =>
    withServer(
      [{ status: 404 }],
      async (api, seen) => {
        assert.equal((await api.indexReport(HASH, '')).status, 'unknown');
        assert.equal(seen[0]?.url, `/clair/one/indexer/api/v1/index_report/${HASH}`);
        assert.equal(seen[0]?.headers.authorization, 'Bearer token');
        assert.match(seen[0]?.headers['user-agent'] ?? '', /^clairctl\//);
      },
      { path: '/clair/one/' },
    ));

  const known: readonly (readonly [Answer, string])[] = [
    [{ status: 304 }, 'unchanged'],
    [{ status: 404 }, 'unknown'],
    [{ status: 200, body: finished() }, 'known'],
    [{ status: 200, body: finished({ job: {} }) }, 'unknown'],
    [{ status: 200, body: finished({ state: 'IndexError' }) }, 'unknown'],
    [{ status: 200, body: 'nonsense' }, 'unknown'],
  ];
  for (const [answer, want] of known) {
    it(`takes index report ${answer.status} ${answer.body ?? ''} as ${want}`, () =>
      withServer([answer], async (api) => assert.equal((await api.indexReport(HASH, '"e"')).status, want)));
  }

  it('takes an answer at once, as of Clair, or waits for the work', async () => {
    await withServer([{ status: 201, body: finished(), headers: { etag: '"e"' } }], async (api, seen) => {
      assert.deepEqual(await api.index(MANIFEST), { etag: '"e"' });
      assert.equal(seen[0]?.headers.prefer, 'respond-async');
    });
    await withServer(
      [
        { status: 202, headers: { 'retry-after': '2' } },
        { status: 200, body: finished({ job: {} }) },
        { status: 200, body: finished() },
      ],
      async (api, seen) => {
        await api.index(MANIFEST);
        assert.deepEqual(
          seen.map(({ method }) => method),
          ['POST', 'GET', 'GET'],
        );
      },
    );
    await withServer([{ status: 412 }], async (api) =>
      assert.deepEqual(await api.index(MANIFEST), { etag: '' }),
    );
  });

  it('tells why a manifest could not be indexed', async () => {
    const cases: readonly (readonly [Answer[], RegExp])[] = [
      [
        [{ status: 500, body: error('internal-error', 'failed to start scan: no') }],
        /could not index the image: failed to start scan: no/,
      ],
      [[{ status: 422 }], /status 422/],
      [[{ status: 201, body: finished({ success: false, err: 'broken' }) }], /broken/],
      [
        [
          { status: 202 },
          { status: 200, body: finished({ state: 'IndexError', success: false, err: 'late' }) },
        ],
        /late/,
      ],
      [[{ status: 202 }, { status: 404 }], /returned status 404/],
      [[{ status: 200, body: '<html>' }], /not an index report/],
      [[{ status: 401 }], /authentication required/],
      [[{ status: 404, body: '<html>a proxy</html>' }], /returned status 404: no Clair API/],
    ];
    for (const [answers, want] of cases) {
      await withServer(answers, async (api) =>
        assert.rejects(api.index(MANIFEST), { code: 'service', message: want }),
      );
    }
  });

  it('comes again to a server that is busy or has no feeds yet, and gives up in the end', async () => {
    const busy = { status: 429, headers: { 'retry-after': '0' } };
    await withServer(
      [busy, { status: 503 }, { status: 202 }, { status: 200, body: '{}' }],
      async (api, seen) => {
        assert.equal(await api.vulnerabilityReport(HASH), '{}');
        assert.equal(seen.length, 4);
      },
    );
    const limit = { patience: 300 };
    await withServer(
      [{ status: 202 }],
      async (api) =>
        assert.rejects(
          api.vulnerabilityReport(HASH),
          /has not loaded any advisory feed yet: timed out after 0\.3 s/,
        ),
      limit,
    );
    await withServer(
      [{ status: 429, headers: { 'retry-after': '3600' } }],
      async (api) => assert.rejects(api.delete([HASH]), /busy \(429\): timed out/),
      limit,
    );
  });

  it('deletes', async () => {
    const cases: readonly (readonly [Answer, readonly string[]])[] = [
      [{ status: 200, body: 'null' }, []],
      [{ status: 200, body: `["${HASH}"]` }, [HASH]],
      [{ status: 200, body: 'nonsense' }, []],
    ];
    for (const [answer, want] of cases) {
      await withServer([answer], async (api) => assert.deepEqual(await api.delete([HASH]), want));
    }
    await withServer([{ status: 500 }], async (api) =>
      assert.rejects(api.delete([HASH]), /returned status 500/),
    );
  });

  it('says who does not answer', async () => {
    const options = { patience: 0, signal: AbortSignal.timeout(5000), onWait: () => {} };
    await using api = openApi({ host: 'http://127.0.0.1:1/', ...options });
    await assert.rejects(api.vulnerabilityReport(HASH), /http:\/\/127\.0\.0\.1:1 does not answer GET/);
  });
});
