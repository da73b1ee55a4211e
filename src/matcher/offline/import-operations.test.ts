import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { ecosystems } from '../../ecosystems/index.ts';
import { enrichers } from '../../enrichers/index.ts';
import { AppError } from '../../errors.ts';
import { unpacked } from '../../feeds/keep-body.ts';
import { matcherDatabase } from '../matcher.fixture.ts';
import { loadFeedStatus } from '../store/feed-status.ts';
import { importOperations } from './import-operations.ts';
import type { ImportFileOptions } from './import-options.ts';
import { OPERATIONS, sampleLines, vulnerability } from './samples.fixture.ts';

const now = () => new Date('2024-06-01T00:00:00Z');

describe('importing an export of updaters', () => {
  let db: Awaited<ReturnType<typeof matcherDatabase>>;
  before(async () => {
    db = await matcherDatabase();
  });
  after(() => db[Symbol.asyncDispose]());
  beforeEach(() =>
    db.query({
      text: 'truncate feed, feed_set, feed_run, scope, feed_scope, advisory, advisory_doc, enrichment restart identity',
    }),
  );

  const load = (
    bytes: string | Buffer | AsyncIterable<Uint8Array>,
    options: Partial<ImportFileOptions> = {},
  ) =>
    importOperations(
      { db, ecosystems, enrichers, now },
      unpacked(
        typeof bytes === 'string' || Buffer.isBuffer(bytes) ? pieces(Buffer.from(bytes)) : bytes,
        'file',
      ),
      { name: 'file', strict: false, force: false, signal: new AbortController().signal, ...options },
    );
  const states = async (...args: Parameters<typeof load>) =>
    Object.fromEntries((await load(...args)).map(({ updater, state }) => [updater, state]));
  const stored = async () =>
    (
      await db.query<{ row: string }>({
        text: `
          select concat_ws(' ', f.name, s.key, a.name, a.kind, d.name, coalesce(from_version, '-'), coalesce(below, '-')) as row
          from advisory a join feed f on f.id = a.feed join scope s on s.id = a.scope join advisory_doc d on d.id = a.doc
          where until_run is null order by 1`,
      })
    ).map(({ row }) => row);

  const WANT = [
    'debian/updater debian:12 sample source CVE-2024-0001 - 1.2-3',
    'debian/updater debian:12 sample source CVE-2024-0002 - -',
    'osv/npm npm left binary GHSA-aaaa-bbbb-cccc 1.2.0-0 1.3.0',
    'osv/pypi pypi sample-py binary PYSEC-2024-1 1.0 2.0+x',
  ];

  for (const generation of ['1.5.52', 'head'] as const)
    it(`reads what claircore ${generation} writes`, async () => {
      const results = await load(`${sampleLines({ generation }).join('\n')}\n`);
      assert.deepEqual(
        results.map(({ updater, state, rows, problems }) => [updater, state, rows, problems]),
        [
          ['debian/updater', 'imported', 2, 0],
          ['osv/npm', 'imported', 1, 0],
          ['osv/pypi', 'imported', 1, 0],
          ['osv/ghc', 'unread', 0, 0],
          ['clair.cvss', 'imported', 1, 0],
        ],
      );
      assert.deepEqual(await stored(), WANT);
      const status = await loadFeedStatus(db, now());
      const debian = status.find(({ name }) => name === 'debian/updater');
      assert.deepEqual(debian?.scopes, ['debian:12']);
      assert.equal(debian?.set, 'debian');
      assert.equal(debian?.state, 'stale', 'it is as old as its data are');
      assert.equal(debian?.lastSuccess?.toISOString(), '2024-05-07T00:00:00.123Z');
    });

  const lines = sampleLines({ generation: '1.5.52' });
  const file = `${lines.join('\n')}\n`;

  for (const [name, bytes] of [
    ['gzip', gzipSync(file)],
    ['zstd', zstdCompressSync(file)],
    ['CRLF', Buffer.from(file.replaceAll('\n', '\r\n'))],
    ['no line feed at the end', Buffer.from(file.trimEnd())],
    ['blank lines', Buffer.from(file.replaceAll('\n', '\n\n'))],
  ] as const)
    it(`reads ${name}`, async () => {
      await load(bytes);
      assert.deepEqual(await stored(), WANT);
    });

  it('skips what is here, and what is older than what is here', async () => {
    await load(file);
    const again = await load(file);
    assert.deepEqual(new Set(again.map(({ state }) => state)), new Set(['unchanged', 'unread']));
    const operations = OPERATIONS.slice(0, 1).map((operation) => ({ ...operation, fingerprint: 'other' }));
    const older = sampleLines({ generation: 'head', operations, date: '2024-05-01T00:00:00Z' }).join('\n');
    assert.deepEqual(await states(older), { 'debian/updater': 'older' });
    assert.deepEqual(await states(older, { force: true }), { 'debian/updater': 'imported' });
    const newer = sampleLines({ generation: 'head', operations, date: '2024-05-09T00:00:00Z' }).slice(0, 1);
    assert.deepEqual(
      await states(newer.join('\n')),
      { 'debian/updater': 'unchanged' },
      'the fingerprint is the same',
    );
  });

  it('is loaded anew by the next online update, whatever its fingerprint', async () => {
    await load(file);
    const [row] = await db.query<{ reader: string }>({
      text: `select reader from feed where name = 'osv/npm'`,
    });
    assert.match(row?.reader ?? '', /^offline /);
  });

  const bad: [name: string, line: string, problem: RegExp][] = [
    ['no JSON', '{"Updater":', /line 2: not JSON/],
    ['an unknown severity', lines[1]!.replace('"High"', '"Awful"'), /line 2: .*normalized_severity/],
    [
      'an unknown kind of package',
      lines[1]!.replace('"kind":"source"', '"kind":"blob"'),
      /line 2: .*package.kind/,
    ],
    ['no vulnerability', lines[1]!.replace('"Vuln"', '"Vulm"'), /line 2: .*without Vuln/],
  ];
  for (const [name, line, problem] of bad) {
    const broken = [lines[0], line, ...lines.slice(2)].join('\n');
    it(`keeps all but a line with ${name}`, async () => {
      const [debian] = await load(broken);
      assert.equal(debian?.state, 'imported');
      assert.equal(debian?.problems, 1);
      assert.match(debian?.firstProblem ?? '', problem);
      assert.deepEqual(
        await stored(),
        WANT.filter((row) => !row.includes('0002')),
      );
      assert.equal(
        (await loadFeedStatus(db, now())).find((feed) => feed.name === 'debian/updater')?.problemCount,
        1,
      );
    });
    it(`imports nothing at all with --strict and ${name}`, async () => {
      await assert.rejects(load(broken, { strict: true }), (error) => error instanceof AppError);
      assert.deepEqual(await stored(), []);
      assert.deepEqual(await loadFeedStatus(db, now()), []);
    });
  }

  it('imports all at once with --strict', async () => {
    await load(file, { strict: true });
    assert.deepEqual(await stored(), WANT);
  });

  const notWhole: [name: string, bytes: Buffer, message: RegExp][] = [
    ['ends in the middle of a line', Buffer.from(file.slice(0, lines[0]!.length + 20)), /truncated.*line 2/],
    ['is a gzip that is cut', gzipSync(file).subarray(0, 300), /unexpected end of file/],
    ['is a zstd that is cut', zstdCompressSync(file).subarray(0, 300), /./],
    ['is something else', Buffer.from('a-host-name\n'), /not an export of export-updaters: line 1: not JSON/],
    ['is empty', Buffer.alloc(0), /empty/],
  ];
  for (const [name, bytes, message] of notWhole)
    it(`changes nothing of the operation in which a file ${name}`, async () => {
      await assert.rejects(load(bytes), (error) => error instanceof AppError && message.test(error.message));
      assert.deepEqual(await stored(), []);
    });

  it('keeps what was whole before a file broke', async () => {
    const cut = file.slice(0, lines.slice(0, 4).join('\n').length + 50);
    await assert.rejects(load(cut), /truncated/);
    assert.deepEqual(await stored(), WANT.slice(0, 2));
  });

  it('does not empty a feed by an operation of which nothing can be used', async () => {
    await load(file);
    const operations = [{ ...OPERATIONS[0]!, fingerprint: 'x', records: [vulnerability('CVE-1', 'a')] }];
    const unusable = sampleLines({ generation: 'head', operations, date: '2024-05-20T00:00:00Z' });
    assert.deepEqual(await states(unusable.join('\n')), { 'debian/updater': 'unread' });
    assert.deepEqual(await stored(), WANT);
  });

  it('ends where it is told to, and leaves the operation as it was', async () => {
    const stop = new AbortController();
    const slow = async function* () {
      yield Buffer.from(`${lines[0]}\n`);
      stop.abort(new AppError('bad-target', 'interrupted'));
      yield Buffer.from(`${lines.slice(1).join('\n')}\n`);
    };
    await assert.rejects(load(slow(), { signal: stop.signal }), /interrupted/);
    assert.deepEqual(await stored(), []);
  });

  it('survives whatever is done to a file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.string({ maxLength: 3 }), async (at, noise) => {
        await load(file.slice(0, at) + noise + file.slice(at + noise.length)).catch((error: unknown) =>
          assert.ok(error instanceof AppError, String(error)),
        );
      }),
      { numRuns: 40 },
    );
  });
});

/** So that lines are cut anywhere. */
async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 701) yield bytes.subarray(at, at + 701);
}
