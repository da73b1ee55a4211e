import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { connect, type Database, type Session } from '../db/database.ts';
import { digestOf, indexerDatabase } from './indexing.fixture.ts';
import { deleteManifest } from './store/delete-manifests.ts';
import { type KeyedLookup, keyedLookup, saveLookups } from './store/save-lookups.ts';
import { saveManifest } from './store/save-manifest.ts';
import { sweepAll } from './sweep.fixture.ts';
import { hideAllOrphans, sweepOrphans } from './sweep.ts';

const { signal } = new AbortController();
const NOTHING = { manifests: 0, lookups: 0 };

/** How saves store lookups, and the lookups that a name stands for: as many as make a set. */
const FORMS = [
  { form: 'lists', revisions: ['test'], each: 1 },
  { form: 'sets', revisions: ['test+sets'], each: 16 },
  { form: 'lists and sets', revisions: ['test', 'test+sets'], each: 16 },
] as const;

for (const { form, revisions, each } of FORMS)
  describe(`sweep of ${form}`, () => {
    let db: Database;
    const open = new AsyncDisposableStack();
    before(async () => {
      const { dsn } = open.use(await indexerDatabase());
      db = open.use(await connect(dsn, { applicationName: 'sweep-test' }));
    });
    after(() => open.disposeAsync());
    beforeEach(async () => {
      await db.query({
        text: `
        truncate manifest, finding, lookup_set, layer_scan, deleted_manifest, hidden_finding, hidden_set cascade`,
      });
    });

    // Each name is of a layer.
    const layerOf = (name: string) => digestOf(`layer ${name}`);
    const lookupsOf = (name: string): KeyedLookup[] =>
      Array.from(
        { length: each },
        (_, n) => keyedLookup({ scope: 'toy:1', name, kind: 'binary', version: String(n) }, undefined)!,
      );
    let saves = 0;
    const write = async (tx: Session, manifest: string, names: readonly string[]): Promise<void> => {
      const hash = digestOf(manifest);
      const layers = names.map((name) => ({ hash: layerOf(name), uri: '', headers: {} }));
      const revision = revisions[saves++ % revisions.length]!;
      await saveManifest(tx, { hash, layers }, revision.endsWith('+sets'));
      const lookups = names.flatMap(lookupsOf);
      const layersOf = lookups.map(({ lookup }) => [layerOf(lookup.name)]);
      await saveLookups(tx, revision, [{ manifest: hash, lookups, layers: layersOf }]);
    };
    const store = (manifest: string, ...names: string[]) =>
      db.transaction((tx) => write(tx, manifest, names));
    const remove = (manifest: string) => deleteManifest(db, digestOf(manifest));
    const names = async (): Promise<string[]> =>
      (
        await db.query<{ name: string }>({
          text: `select name from finding where version = '0' order by name`,
        })
      ).map(({ name }) => name);
    const namesOf = async (manifest: string): Promise<string[]> =>
      (
        await db.query<{ name: string; lookups: number }>({
          text: `
          select f.name, count(*)::int as lookups from manifest m join manifest_finding o on o.manifest = m.id
          join finding f on f.id = any (o.findings)
            or exists (select from lookup_set s where s.id = any (o.sets) and f.id = any (s.lookups))
          where m.digest = $1 group by f.name order by f.name`,
          values: [digestOf(manifest)],
        })
      ).map(({ name, lookups }) => (lookups === each ? name : `${lookups} of ${name}`));

    it('leaves what other manifests have', async () => {
      await store('one', 'a', 'b');
      await store('two', 'b');
      assert.equal(await remove('one'), true);
      assert.equal(await remove('one'), false);
      assert.deepEqual(await names(), ['a', 'b'], 'a delete does nothing but delete');
      assert.deepEqual(await sweepAll(db), { manifests: 1, lookups: each });
      assert.deepEqual(await names(), ['b']);
      assert.deepEqual(await sweepAll(db), NOTHING);
    });

    it('waits for no save and keeps none waiting: what it had read is kept', async () => {
      await store('one', 'a');
      await db.transaction(async (tx) => {
        await write(tx, 'two', ['a']);
        await remove('one');
        assert.deepEqual(await sweepOrphans(db, signal), { manifests: 1, lookups: 0 });
        await store('three', 'a');
        assert.deepEqual(await sweepOrphans(db, signal), NOTHING, 'the transaction is still open');
        assert.deepEqual(await names(), ['a', 'a'], 'who comes now has one of its own');
      });
      assert.deepEqual(await sweepAll(db), NOTHING);
      assert.deepEqual([await namesOf('two'), await namesOf('three')], [['a'], ['a']]);
      await remove('two');
      assert.deepEqual(await sweepAll(db), { manifests: 1, lookups: each });
      await remove('three');
      assert.deepEqual(await sweepAll(db), { manifests: 1, lookups: each });
      assert.deepEqual(await names(), []);
    });

    it('deletes what a save had read that failed', async () => {
      await store('one', 'a');
      const failed = db.transaction(async (tx) => {
        await write(tx, 'two', ['a']);
        await remove('one');
        await sweepOrphans(db, signal);
        throw new Error('no');
      });
      await assert.rejects(failed, /no/);
      assert.deepEqual(await sweepAll(db), { manifests: 0, lookups: each });
      assert.deepEqual(await names(), []);
    });

    it('is done by one replica', async () => {
      await using _lock = (await db.tryLock('orphans'))!;
      assert.equal(await sweepOrphans(db, signal), undefined);
    });

    it('finds frequent ones without looking up who has them', async () => {
      for (let n = 0; n < 5; n++) await store(String(n), 'frequent', `own ${n}`);
      await remove('0');
      await sweepAll(db);
      assert.deepEqual(await names(), ['frequent', ...[1, 2, 3, 4].map((n) => `own ${n}`)]);
    });

    it('sweeps all that nobody has when it is told to', async () => {
      await store('one', 'a', 'b');
      await store('one', 'b');
      await hideAllOrphans(db, signal);
      assert.deepEqual(await sweepAll(db), { manifests: 0, lookups: each });
      assert.deepEqual(await names(), ['b']);
    });

    it('never takes a lookup from a manifest, whatever happens at once', { timeout: 600_000 }, async () => {
      const step = fc.oneof(
        { weight: 4, arbitrary: fc.record({ save: fc.nat(4), names: fc.subarray(['a', 'b', 'c', 'd']) }) },
        { weight: 2, arbitrary: fc.record({ remove: fc.nat(4) }) },
        { weight: 1, arbitrary: fc.constant({ sweep: true as const }) },
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { maxLength: 6 }),
          async (rounds) => {
            const wanted = new Map<number, readonly string[]>();
            for (const round of rounds) {
              // The steps of a round run at once, each manifest in one of them as its lock has it.
              const touched = new Set<number>();
              await Promise.all(
                round.map(async (step) => {
                  if ('sweep' in step) return void (await sweepOrphans(db, signal));
                  const manifest = 'save' in step ? step.save : step.remove;
                  if (touched.has(manifest)) return;
                  touched.add(manifest);
                  if ('save' in step) {
                    wanted.set(manifest, step.names);
                    await store(String(manifest), ...step.names);
                  } else {
                    wanted.delete(manifest);
                    await remove(String(manifest));
                  }
                }),
              );
              for (const [manifest, own] of wanted) {
                assert.deepEqual(await namesOf(String(manifest)), [...own].sort());
              }
            }
            for (const manifest of wanted.keys()) await remove(String(manifest));
            await hideAllOrphans(db, signal);
            await sweepAll(db);
            assert.deepEqual(await names(), []);
            assert.deepEqual(await db.query({ text: 'select id from lookup_set' }), []);
          },
        ),
        { numRuns: 40 },
      );
    });
  });
