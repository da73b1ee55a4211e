/**
 * `node update-once.ts UPDATERS [DSN]`: one update of feeds in a process of its own, into the database; without one, feeds are only
 * fetched and parsed. Prints seconds of CPU and the number of records as JSON.
 */
import { connect } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { enrichers } from '../src/enrichers/index.ts';
import { createHttpClient } from '../src/lib/http-client.ts';
import { createMatcher } from '../src/matcher/matcher.ts';
import { createFeedContext } from '../src/matcher/updating/feed-context.ts';
import { MATCHER_SCHEMA } from '../src/schemas.ts';

interface Updaters {
  readonly sets: readonly string[];
  readonly config: Readonly<Record<string, unknown>>;
}

const [updaters = '', dsn] = process.argv.slice(2);
const { signal } = new AbortController();
const { sets, config } = JSON.parse(updaters) as Updaters;
const now = () => new Date();
const before = process.cpuUsage();
const records = dsn === undefined ? await parseAll() : await updateAll(dsn);
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ cpu: (user + system) / 1e6, records }));

/** What every update does at least: each record read once, as its feed reads it. */
async function parseAll(): Promise<number> {
  await using http = createHttpClient();
  let count = 0;
  const context = (source: string) => createFeedContext({ source, http, now, signal });
  for (const member of ecosystems.flatMap(({ feeds }) => feeds).filter(({ set }) => sets.includes(set))) {
    await using listing = context(member.set);
    for (const feed of await member.feeds(config[member.set], listing)) {
      await using own = context(feed.name);
      const fetched = await feed.fetch('', config[feed.name], own);
      if (fetched === 'unchanged') throw new Error(`${feed.name} is unchanged before its first fetch`);
      if (fetched.pieces === undefined) for await (const _ of fetched.records) count++;
      else for await (const piece of fetched.pieces) for (const _ of piece.read(own.problem)) count++;
    }
  }
  for (const enricher of enrichers.filter(({ name }) => sets.includes(name))) {
    await using own = context(enricher.name);
    const fetched = await enricher.fetch('', config[enricher.name], own);
    if (fetched === 'unchanged') throw new Error(`${enricher.name} is unchanged before its first fetch`);
    for await (const _ of fetched.records) count++;
  }
  return count;
}

async function updateAll(database: string): Promise<number> {
  await using db = await connect(database, { applicationName: 'bench' });
  await migrate(db, MATCHER_SCHEMA);
  const indexer = { indexReport: async () => undefined };
  const matcher = createMatcher({ db, ecosystems, enrichers, indexer, now });
  const results = await matcher.updateFeeds({ sets, config, signal });
  const failed = results.filter(({ state }) => state === 'failed');
  if (failed.length > 0) throw new Error(failed.map(({ name, error }) => `${name}: ${error}`).join('; '));
  return results.reduce((sum, { added }) => sum + added, 0);
}
