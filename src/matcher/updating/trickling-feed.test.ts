import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { noLog } from '../../lib/log.ts';
import { matcherDatabase, toyEcosystem } from '../matcher.fixture.ts';
import { feedLoop } from './feed-loop.ts';
import { feedBody, jsonFeed, startFeedServer } from './feed-server.fixture.ts';
import { updateFeeds } from './update-feeds.ts';

const OTHERS = Array.from({ length: 20 }, (_, n) => `feed-${n}`);
const ROUNDS = 3;

it('a feed that trickles holds up none of 20 others, and no transaction', { timeout: 600_000 }, async () => {
  await using db = await matcherDatabase();
  await using upstream = await startFeedServer();
  for (const name of OTHERS) upstream.serve(`/${name}`, feedBody(10, name));
  let isDripping = true;
  upstream.answers.set('/slow', (_, response) => {
    response.writeHead(200, { 'content-length': '100000' });
    const timer = setInterval(() => response.write(' '), 50);
    response.on('close', () => {
      clearInterval(timer);
      isDripping = false;
    });
  });
  const ecosystems = ['slow', ...OTHERS].map((set) => ({
    ...toyEcosystem(),
    feeds: [{ set, feeds: async () => [jsonFeed(set, `${upstream.base}/${set}`)] }],
  }));
  const parts = { db, ecosystems, enrichers: [], now: () => new Date(), log: noLog };
  const stop = new AbortController();
  const matcher = {
    knownSets: () => ['slow', ...OTHERS],
    updateFeeds: (options: Parameters<typeof updateFeeds>[1]) => updateFeeds(parts, options),
  };
  const loop = feedLoop(matcher, { period: 100, signal: stop.signal, log: noLog });
  const rounds = (name: string): number =>
    upstream.asked.filter((request) => request === `GET /${name}`).length;
  while (OTHERS.some((name) => rounds(name) < ROUNDS)) {
    const old = await db.query<{ query: string }>({
      text: `
        select query from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend'
          and xact_start < clock_timestamp() - interval '10 s'`,
    });
    assert.deepEqual(old, []);
    await sleep(50);
  }
  assert.ok(isDripping, 'it comes all the while');
  assert.equal(rounds('slow'), 1);
  stop.abort();
  await loop;
  const [row] = await db.query<{ rows: number }>({ text: 'select count(*) as rows from advisory' });
  assert.equal(row?.rows, OTHERS.length * 10);
});
