import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connect, type Database } from '../../db/database.ts';
import { digestOf, indexerDatabase } from '../indexing.fixture.ts';
import { type KeyedLookup, keyedLookup, saveLookups } from './save-lookups.ts';
import { saveManifest } from './save-manifest.ts';

/** More than a page of PostgreSQL keeps in the row of the manifest. */
const LOOKUPS = 700;

describe('lookups that a manifest has already', () => {
  const hash = digestOf('manifest');
  const lookups = Array.from(
    { length: LOOKUPS },
    (_, n) => keyedLookup({ scope: 'toy:1', name: `package ${n}`, kind: 'binary', version: '1' }, undefined)!,
  );
  let db: Database;
  const open = new AsyncDisposableStack();
  before(async () => {
    db = open.use(await connect(open.use(await indexerDatabase()).dsn, { applicationName: 'lookups-test' }));
    await db.transaction((tx) => saveManifest(tx, { hash, layers: [] }));
  });
  after(() => open.disposeAsync());

  /** Returns the revision and the number of the stored list: another list has another number. */
  const save = async (revision: string, of: readonly KeyedLookup[]) => {
    await db.transaction((tx) => saveLookups(tx, revision, [{ manifest: hash, lookups: of }]));
    const [table] = await db.query<{ name: string }>({
      text: `select reltoastrelid::regclass::text as name from pg_class where oid = 'manifest_finding'::regclass`,
    });
    const [row] = await db.query<{ revision: string; lookups: number; list: string }>({
      text: `
        select f.revision, cardinality(f.findings) as lookups,
          (select string_agg(distinct chunk_id::text, ' ') from ${table!.name}) as list
        from manifest_finding f`,
    });
    return row!;
  };

  it('stay the stored list under another revision, so that its index needs no new entries', async () => {
    const { list } = await save('1-one', lookups);
    assert.match(list, /^\d+$/, 'the list is not in the row');
    assert.deepEqual(await save('2-two', lookups.toReversed()), {
      revision: '2-two',
      lookups: LOOKUPS,
      list,
    });
    const other = await save('3-three', lookups.slice(1));
    assert.deepEqual([other.revision, other.lookups], ['3-three', LOOKUPS - 1]);
    assert.notEqual(other.list, list);
  });
});
