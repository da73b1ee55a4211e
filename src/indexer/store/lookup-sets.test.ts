/** Lookups in sets are the same lookups: for questions, for sweeps, while they are converted, and beside an older release. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { connect, type Database } from '../../db/database.ts';
import { indexReport } from '../../matcher/matcher.fixture.ts';
import type { Digest } from '../../model/digest.ts';
import { clairAnswer } from '../affected.fixture.ts';
import { indexerOf, killedAfter, signal, storeReport, vulnerability } from '../affected-toy.fixture.ts';
import { digestOf, indexerDatabase } from '../indexing.fixture.ts';
import { sweepAll } from '../sweep.fixture.ts';
import { hideAllOrphans } from '../sweep.ts';

/** Packages of a layer; as many as make a set. */
const PACKAGES = 20;

/** An image: its layers, and the packages that it has of each. */
interface Image {
  readonly name: string;
  readonly layers: readonly {
    readonly name: string;
    readonly without?: number;
    readonly packages?: number;
  }[];
}

const layerOf = (name: string): Digest => digestOf(`layer ${name}`);
const hashOf = (name: string): Digest => digestOf(`manifest ${name}`);

async function store(db: Database, { name, layers }: Image, compact: boolean): Promise<void> {
  const packages = layers.flatMap(({ name: layer, without, packages: most = PACKAGES }) =>
    Array.from({ length: most }, (_, n) => ({ layer, n }))
      .filter(({ n }) => n !== without)
      .map(({ n }) => ({ layer: layerOf(layer), name: `${layer}-${n}`, version: '1' })),
  );
  const report = indexReport(packages.map(({ name, version }) => ({ name, version })));
  await storeReport(
    db,
    {
      ...report,
      manifestHash: hashOf(name),
      packages: report.packages.map((indexed, at) => ({
        ...indexed,
        environments: indexed.environments.map((each) => ({ ...each, introducedIn: packages[at]!.layer })),
      })),
    },
    { layers: layers.map((layer) => layerOf(layer.name)), compact },
  );
}

async function rows<T>(db: Database, text: string): Promise<T[]> {
  return await db.query<Record<string, T>>({ text }).then((all) => all.flatMap((row) => Object.values(row)));
}
const sizes = (db: Database): Promise<string[]> =>
  rows(
    db,
    `
      select concat_ws(' ', cardinality(f.findings), array(
        select cardinality(lookups) from lookup_set where id = any (f.sets) order by id)::text)
      from manifest_finding f order by manifest`,
  );
const lookups = (db: Database): Promise<string[]> => rows(db, 'select name from finding order by 1');

async function answer(db: Database, names: readonly string[]): Promise<unknown> {
  const asked = names.map((name, n) => vulnerability(String(n), name));
  const { vulnerable_manifests } = await clairAnswer(indexerOf(db), asked, signal);
  return Object.fromEntries(Object.entries(vulnerable_manifests).sort());
}

describe('sets of lookups', () => {
  let db: Database;
  /** The same manifests, all in lists. */
  let lists: Database;
  const open = new AsyncDisposableStack();
  before(async () => {
    const database = async () => {
      const { dsn } = open.use(await indexerDatabase());
      return open.use(await connect(dsn, { applicationName: 'sets-test' }));
    };
    [db, lists] = [await database(), await database()];
  });
  after(() => open.disposeAsync());
  beforeEach(async () => {
    for (const each of [db, lists])
      await each.query({ text: 'truncate manifest, finding, lookup_set, deleted_manifest cascade' });
  });

  const base = { name: 'base' };
  const image = (name: string, ...layers: Image['layers']): Image => ({ name, layers: [base, ...layers] });

  it('are made of what a layer has introduced that another manifest has', async () => {
    for (const each of [
      image('first', { name: 'own first' }),
      image('second', { name: 'own second' }, { name: 'few', packages: 3 }),
      image('third', { name: 'few', packages: 3 }),
      image('fourth', { name: 'own second', without: 1 }),
      { name: 'another base', layers: [{ name: 'base', without: 0 }] },
    ])
      await store(db, each, true);
    assert.deepEqual(await sizes(db), ['40 {}', '23 {20}', '3 {20}', '0 {20,19}', '0 {19}']);
    assert.deepEqual(await rows(db, 'select count(*)::int from lookup_set'), [3]);
    await store(db, image('first', { name: 'own first' }), true);
    assert.equal((await sizes(db))[0], '20 {20}', 'now the base is shared');
  });

  it('answer and sweep as lists do, in whichever form manifests are', { timeout: 600_000 }, async () => {
    const images = fc.array(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        layers: fc.uniqueArray(
          fc.record(
            {
              name: fc.constantFrom('x', 'y', 'z'),
              without: fc.constantFrom(0, 1),
              packages: fc.constantFrom(2),
            },
            { requiredKeys: ['name'] },
          ),
          { selector: ({ name }) => name, maxLength: 3 },
        ),
        compact: fc.boolean(),
        isDeleted: fc.boolean(),
      }),
      { maxLength: 12 },
    );
    const names = ['x', 'y', 'z'].flatMap((layer) => [0, 1, 2, PACKAGES - 1].map((n) => `${layer}-${n}`));
    await fc.assert(
      fc.asyncProperty(images, async (steps) => {
        const agree = async (): Promise<void> =>
          assert.deepEqual(await answer(db, names), await answer(lists, names));
        const forget = async (name: string): Promise<void> => {
          for (const each of [db, lists]) await indexerOf(each).delete([hashOf(name)]);
        };
        for (const { compact, isDeleted, ...each } of steps) {
          if (isDeleted) await forget(each.name);
          else {
            await store(db, each, compact);
            await store(lists, each, false);
          }
          await agree();
        }
        for (const each of [db, lists]) {
          await hideAllOrphans(each, signal);
          await sweepAll(each);
        }
        await agree();
        assert.deepEqual(await lookups(db), await lookups(lists));
        for (const name of ['a', 'b', 'c', 'd', 'e']) await forget(name);
        await sweepAll(db);
        await sweepAll(lists);
        assert.deepEqual([await lookups(db), await rows(db, 'select id from lookup_set')], [[], []]);
      }),
      { numRuns: 30 },
    );
  });

  it('replace lists in the background, go on after a kill, and go back', async () => {
    const names = Array.from({ length: 25 }, (_, n) => String(n));
    for (const name of names) await store(db, image(name, { name: `own ${name}` }), false);
    const asked = ['base-3', 'own 7-0'];
    const before = await answer(db, asked);
    const forms = () =>
      rows(
        db,
        `select concat(sets <> '{}', ' ', count(*)) from manifest_finding group by sets <> '{}' order by 1`,
      );
    await assert.rejects(indexerOf(killedAfter(db, 2), undefined, true).fillLookups(signal), /killed/);
    assert.deepEqual(await forms(), ['f 5', 't 20']);
    assert.deepEqual(await answer(db, asked), before);
    const compact = indexerOf(db, undefined, true);
    assert.equal(await compact.lookupsMissing(), 5);
    await compact.fillLookups(signal);
    assert.deepEqual([await forms(), await compact.lookupsMissing()], [['t 25'], 0]);
    assert.deepEqual(await answer(db, asked), before);
    await indexerOf(db).fillLookups(signal);
    assert.deepEqual(await forms(), ['f 25']);
    assert.deepEqual(await answer(db, asked), before);
    await sweepAll(db);
    assert.deepEqual(await rows(db, 'select id from lookup_set'), []);
    assert.equal((await lookups(db)).length, 26 * PACKAGES);
  });

  it('lose nothing to an older release that should not run any more', async () => {
    await store(db, image('one'), true);
    await store(db, image('two'), true);
    assert.equal((await sizes(db))[1], '0 {20}');
    await indexerOf(db).delete([hashOf('one')]);
    await db.query({ text: 'delete from deleted_manifest' });
    const before = await answer(db, ['base-0']);
    await db.query({ text: `update finding set digest = '\\x00' || int4send(id)` });
    await db.query({
      text: 'delete from finding f where not exists (select from manifest_finding m where m.findings @> array[f.id])',
    });
    assert.deepEqual(await answer(db, ['base-0']), before, 'its sweep');
    await db.query({
      text: `
        insert into manifest_finding as f (manifest, revision, findings)
        select manifest, '6-older', array(select id from finding where name = 'base-1') from manifest_finding
        on conflict (manifest) do update set revision = excluded.revision, findings = excluded.findings`,
    });
    assert.deepEqual(await sizes(db), ['1 {}'], 'what it stores replaces the sets');
  });
});
