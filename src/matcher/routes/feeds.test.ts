import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createServer } from '../../http/server.ts';
import { noLog } from '../../lib/log.ts';
import type { FeedStatus } from '../store/feed-status.ts';
import type { FeedSelection } from '../updating/update-run.ts';
import { feedRoutes } from './feeds.ts';

const URL = '/matcher/api/v1/internal/feeds';
const FEED: FeedStatus = {
  name: 'debian/updater',
  kind: 'vulnerability',
  set: 'debian',
  state: 'failed',
  lastAttempt: new Date('2026-02-03T04:05:06Z'),
  lastError: 'status 500',
  nextTry: new Date('2026-02-03T04:10:06Z'),
  failures: 1,
  fingerprint: '"1"',
  rows: 12,
  scopes: ['debian:12'],
  problemCount: 1,
  problems: [{ source: 'debian/updater', where: 'vim', reason: 'no version' }],
};

function app(asked: (FeedSelection | undefined)[] = [], sets?: string[]) {
  const server = createServer({ log: noLog });
  const matcher = { feedStatus: async () => [FEED], knownSets: () => ['debian', 'osv'] };
  const requests = { running: true, request: (only?: FeedSelection) => void asked.push(only) };
  feedRoutes(server, matcher, { requests, updaters: { sets } });
  return server;
}

describe('internal/feeds', () => {
  it('tells how every feed is', async () => {
    const response = await app([], ['debian', 'debain']).inject({ url: URL });
    assert.equal(response.statusCode, 200);
    assert.equal(response.headers['content-type'], 'application/json');
    assert.deepEqual(response.json(), {
      updating: true,
      warnings: [
        'updaters.sets: there is no set "debain": nothing is updated for it (there are: debian osv)',
      ],
      feeds: [
        {
          name: 'debian/updater',
          kind: 'vulnerability',
          set: 'debian',
          state: 'failed',
          last_attempt: '2026-02-03T04:05:06.000Z',
          last_success: null,
          last_error: 'status 500',
          next_try: '2026-02-03T04:10:06.000Z',
          failures: 1,
          vanished_at: null,
          rows: 12,
          problem_count: 1,
          problems: FEED.problems,
          fingerprint: '"1"',
          fingerprint_changed_at: null,
          scopes: ['debian:12'],
        },
      ],
    });
  });

  const bodies: [body: string | undefined, status: number, asked: (FeedSelection | undefined)[]][] = [
    [undefined, 202, [undefined]],
    ['', 202, [undefined]],
    ['{}', 202, [undefined]],
    ['null', 202, [undefined]],
    ['{"sets":["debian"]}', 202, [{ sets: ['debian'] }]],
    ['{"feeds":["debian/updater"]}', 202, [{ feeds: ['debian/updater'] }]],
    ['{"sets":["debain"]}', 400, []],
    ['{"sets":["osv"]}', 400, []],
    ['{"feeds":["none"]}', 400, []],
    ['{"sets":"debian"}', 400, []],
    ['{"set":["debian"]}', 400, []],
    ['[]', 400, []],
    ['{', 400, []],
  ];
  for (const [body, status, expected] of bodies) {
    it(`answers an update of ${body ?? 'nothing'} with ${status}`, async () => {
      const asked: (FeedSelection | undefined)[] = [];
      const request = {
        method: 'POST',
        url: `${URL}/update`,
        ...(body !== undefined && { payload: body }),
      } as const;
      const response = await app(asked, ['debian']).inject(request);
      assert.equal(response.statusCode, status, response.body);
      assert.deepEqual(asked, expected);
    });
  }

  it('refuses where updates are switched off', async () => {
    const response = await app([], []).inject({ method: 'POST', url: `${URL}/update` });
    assert.equal(response.statusCode, 400);
    assert.match(response.body, /matcher\.disable_updaters/);
  });

  it('offers no other methods', async () => {
    assert.equal((await app().inject({ method: 'POST', url: URL })).statusCode, 405);
    assert.equal((await app().inject({ url: `${URL}/update` })).statusCode, 405);
  });
});
