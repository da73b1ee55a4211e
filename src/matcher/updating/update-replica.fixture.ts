/** A replica for tests of interruption: `node update-replica.fixture.ts DSN URL` loads the feed at URL once. */
import { connect } from '../../db/database.ts';
import { noLog } from '../../lib/log.ts';
import { toyEcosystem } from '../matcher.fixture.ts';
import { jsonFeed } from './feed-server.fixture.ts';
import { updateFeeds } from './update-feeds.ts';

const [dsn = '', url = ''] = process.argv.slice(2);
await using db = await connect(dsn, { applicationName: 'replica' });
const ecosystems = [toyEcosystem([jsonFeed('toy', url)])];
const parts = { db, ecosystems, enrichers: [], now: () => new Date(), log: noLog };
const { signal } = new AbortController();
process.stdout.write(`${JSON.stringify(await updateFeeds(parts, { signal }))}\n`);
