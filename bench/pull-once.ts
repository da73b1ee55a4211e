/** `node pull-once.ts DSN REPOSITORY [SCOPE,…]`: one pull in a process of its own, all or what an image of these scopes needs. Prints what it took as JSON. */
import { connect } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { enrichers } from '../src/enrichers/index.ts';
import { createHttpClient } from '../src/lib/http-client.ts';
import { isNeeded } from '../src/matcher/published/needed.ts';
import { openFirst } from '../src/matcher/published/open-first.ts';
import { pullDatabase } from '../src/matcher/published/pull.ts';
import { MATCHER_SCHEMA } from '../src/schemas.ts';
import { peakMemory } from './measure.ts';

const [dsn = '', repository = '', scopes] = process.argv.slice(2);
const { signal } = new AbortController();
await using db = await connect(dsn, { applicationName: 'bench' });
await migrate(db, MATCHER_SCHEMA);
const heads = new Set(scopes?.split(','));
const before = { memory: process.memoryUsage().rss, cpu: process.cpuUsage() };
const start = performance.now();
await using http = createHttpClient();
await using database = await openFirst([repository], {
  registry: { insecure: false, env: {}, signal },
  http,
  onSkipped: console.error,
});
let bytes = 0;
const results = await pullDatabase({ db, ecosystems, enrichers, now: () => new Date() }, database, {
  signal,
  withPieces: scopes === undefined,
  ...(scopes !== undefined && { wanted: (layer) => isNeeded(layer, heads) }),
  onProgress: (progress) => {
    bytes = progress.bytes;
  },
});
const { user, system } = process.cpuUsage(before.cpu);
console.log(
  JSON.stringify({
    cpu: (user + system) / 1e6,
    wall: (performance.now() - start) / 1000,
    // Not maxRSS of getrusage(2): a process inherits that of the one that started it.
    memory: peakMemory(process.pid) * 1e6 - before.memory,
    bytes,
    added: results.reduce((sum, each) => sum + each.added, 0),
    removed: results.reduce((sum, each) => sum + each.removed, 0),
    failed: results.filter(({ state }) => state === 'failed').map(({ error }) => error),
  }),
);
