import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connect, type Database } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';
import { indexerDatabase } from '../indexing.fixture.ts';
import { deleteManifest } from '../store/delete-manifests.ts';
import { saveManifest } from '../store/save-manifest.ts';
import { saveReport } from '../store/save-report.ts';
import { loadManifestChanges } from './load-changes.ts';
import { deleteNames, deleteOldNames, saveNames, splitName } from './save-names.ts';

const NOW = new Date('2026-11-30T12:00:00Z');
const digestOf = (n: number): Digest => `sha256:${String(n).padStart(64, '0')}` as Digest;

describe('names of manifests', () => {
  const cases: [text: string, name: string, tag: string][] = [
    ['registry.example.com/a/b:1.2', 'registry.example.com/a/b', '1.2'],
    ['registry.example.com:5000/a', 'registry.example.com:5000/a', ''],
    [`a:latest@${digestOf(1)}`, 'a', 'latest'],
  ];
  for (const [text, name, tag] of cases)
    it(`takes ${text} apart`, () => assert.deepEqual(splitName(text), { name, tag }));
});

describe('the list of changes', () => {
  let test: Awaited<ReturnType<typeof indexerDatabase>>;
  let db: Database;
  before(async () => {
    test = await indexerDatabase();
    db = await connect(test.dsn, { applicationName: 'catalog-test' });
  });
  after(async () => {
    await db[Symbol.asyncDispose]();
    await test[Symbol.asyncDispose]();
  });

  async function index(
    database: Database,
    n: number,
    state: 'IndexFinished' | 'IndexError' = 'IndexFinished',
  ) {
    const hash = digestOf(n);
    const report = JSON.stringify({ err: state === 'IndexError' ? 'no archive' : '' });
    await database.transaction(async (tx) => {
      await saveManifest(tx, { hash, layers: [{ hash: digestOf(900 + n), uri: '', headers: {} }] });
      await saveReport(tx, hash, { state, indexerState: 'x', report });
    });
  }

  /** Behind `after`, and not seen at `seen`: while another transaction of the server is open, changes are told again. */
  const changes = async (after = '', limit = 100, seen: readonly { version: string }[] = []) => {
    const { changes: told, ...rest } = await loadManifestChanges(db, after, limit);
    const rows = told.filter(({ version }) => !seen.some((each) => each.version === version));
    return { ...rest, rows, digests: rows.map(({ digest }) => digest) };
  };

  it('has what was indexed, with what was said of it before and after', async () => {
    await saveNames(db, digestOf(1), { names: ['r/a:1'], labels: { env: 'prod' } }, NOW);
    assert.deepEqual((await changes()).digests, [], 'it is no manifest yet');
    await index(db, 1);
    await index(db, 2, 'IndexError');
    const { rows, resume } = await changes();
    assert.deepEqual(
      rows.map(({ digest, state, error, names, labels }) => [digest, state, error, names, labels]),
      [
        [
          digestOf(1),
          'IndexFinished',
          null,
          [{ name: 'r/a', tag: '1', at: NOW.toISOString() }],
          { env: 'prod' },
        ],
        [digestOf(2), 'IndexError', 'no archive', [], {}],
      ],
    );
    assert.deepEqual(rows[0]!.layers, [digestOf(901)]);
    assert.deepEqual((await changes(resume, 100, rows)).digests, []);
    await saveNames(db, digestOf(2), { names: ['r/b:1'], labels: {}, inUse: true }, NOW);
    const [renamed] = (await changes(resume, 100, rows)).rows;
    assert.deepEqual([renamed?.digest, renamed?.in_use], [digestOf(2), true]);
  });

  it('pages, and leaves nothing out that ends later than it began', async () => {
    const { rows: before, resume: start } = await changes();
    let after = start;
    await db.transaction(async (slow) => {
      await saveManifest(slow, { hash: digestOf(3), layers: [] });
      await saveReport(slow, digestOf(3), { state: 'IndexFinished', indexerState: 'x', report: '{}' });
      await index(db, 4);
      await index(db, 5);
      const found: string[] = [];
      for (let next: string | null = start; next !== null; ) {
        const page = await changes(next, 1, before);
        found.push(...page.digests);
        [next, after] = [page.next, page.resume];
      }
      assert.deepEqual(found, [digestOf(4), digestOf(5)]);
    });
    assert.ok((await changes(after)).digests.includes(digestOf(3)));
  });

  it('says what was deleted, whose names go along', async () => {
    const { rows, resume } = await changes();
    await db.transaction((tx) => deleteManifest(tx, digestOf(1)));
    assert.deepEqual(
      (await changes(resume, 100, rows)).rows.map(({ digest, gone }) => [digest, gone]),
      [[digestOf(1), true]],
    );
    assert.deepEqual(
      await db.query({ text: `select from manifest_about where digest = '${digestOf(1)}'` }),
      [],
    );
  });

  it('keeps names in their order, up to fifty, and takes them away', async () => {
    const of = async () => (await changes()).rows.find(({ digest }) => digest === digestOf(2))!.names;
    const names = Array.from({ length: 60 }, (_, n) => `r/b:${n}`);
    await saveNames(db, digestOf(2), { names, labels: {} }, NOW);
    assert.deepEqual(
      (await of()).map(({ tag }) => tag),
      names.slice(0, 50).map((name) => splitName(name).tag),
    );
    await deleteNames(db, digestOf(2), ['r/b:0']);
    assert.equal((await of())[0]!.tag, '1');
    await deleteNames(db, digestOf(2), undefined);
    assert.deepEqual(await of(), []);
  });

  it('forgets names whose manifest never came, after a week', async () => {
    const [early, late] = [new Date(NOW.getTime() - 8 * 24 * 3600_000), NOW];
    await saveNames(db, digestOf(7), { names: ['r/x:1'], labels: {} }, early);
    await saveNames(db, digestOf(8), { names: ['r/x:2'], labels: {} }, late);
    await deleteOldNames(db, NOW);
    const left = await db.query<{ digest: string }>({
      text: `select digest from manifest_about where digest in ('${digestOf(7)}', '${digestOf(8)}')`,
    });
    assert.deepEqual(left, [{ digest: digestOf(8) }]);
  });

  it('refuses a cursor that is none', async () => {
    await assert.rejects(changes("1' or true"), { code: 'bad-request' });
  });
});
