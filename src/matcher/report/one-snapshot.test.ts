/** Whoever reads several tables reads them as they are at one moment, whatever is imported meanwhile. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Database, Transaction } from '../../db/database.ts';
import type { Advisory } from '../../model/advisory.ts';
import { toWire } from '../../model/index-report-wire.ts';
import {
  advisory,
  indexReport,
  matcherDatabase,
  noHttp,
  TOY_1,
  text,
  toyEcosystem,
  toyEnricher,
  toyFeed,
} from '../matcher.fixture.ts';
import { createMatcher } from '../matcher.ts';
import { exportBundle } from '../offline/bundle.ts';
import { exportDatabase } from '../offline/export-database.ts';

const { signal } = new AbortController();
const NOW = new Date('2026-02-03T04:05:06Z');
const IMAGE = toWire(indexReport([{ name: 'a', version: '1' }]));

/** `db`, in whose snapshots `change` happens before the statement of that number. */
function changedWithin(db: Database, at: number, change: () => Promise<void>): Database {
  return {
    ...db,
    snapshot: (work) =>
      db.snapshot((tx) => {
        let count = 0;
        const then = async <T>(statement: () => Promise<T>): Promise<T> => {
          if (count++ === at) await change();
          return await statement();
        };
        const watched: Transaction = {
          query: (statement) => then(() => tx.query(statement)),
          copyIn: (...args) => then(() => tx.copyIn(...args)),
          copyOut: (...args) => then(() => tx.copyOut(...args)),
        };
        return work(watched);
      }),
  };
}

describe('one snapshot', () => {
  let db: Awaited<ReturnType<typeof matcherDatabase>>;
  before(async () => {
    db = await matcherDatabase();
    await change();
  });
  after(() => db[Symbol.asyncDispose]());

  const advisories = { records: [] as Advisory[], fingerprint: '' };
  const facts = { records: [{ tag: 'CVE-2026-0001', data: 0 as unknown }], fingerprint: '' };
  const ecosystems = [toyEcosystem([toyFeed('toy/feed', advisories, [TOY_1])])];
  const enrichers = [toyEnricher('test.facts', facts)];
  const matcherOf = (from: Database, now: Date) =>
    createMatcher({
      ...{ db: from, ecosystems, enrichers, http: noHttp, now: () => now },
      indexer: { indexReport: async () => undefined },
    });

  let edition = 0;
  /** All that there is says something else now: rows, their texts, facts, and when it was loaded. */
  async function change(): Promise<void> {
    edition++;
    const vulnerability = text('CVE-2026-0001', { description: `edition ${edition}` });
    advisories.records = [
      advisory('a', '', { vulnerability, below: `1${edition}` }),
      ...Array.from({ length: 1 + (edition % 3) }, (_, i) => advisory('a', `CVE-2026-1${i}`)),
    ];
    facts.records = [{ tag: 'CVE-2026-0001', data: { edition } }];
    advisories.fingerprint = facts.fingerprint = String(edition);
    const results = await matcherOf(db, new Date(NOW.getTime() + edition * 1000)).updateFeeds({ signal });
    for (const { state, error } of results) assert.notEqual(state, 'failed', error);
  }

  const collect = () => {
    const parts: Uint8Array[] = [];
    return { parts, text: () => Buffer.concat(parts).toString('latin1') };
  };
  const readers: [what: string, read: (from: Database) => Promise<string>][] = [
    ['a report', async (from) => String((await matcherOf(from, NOW).matchReport(IMAGE)).body)],
    [
      'an explanation',
      async (from) => JSON.stringify(await matcherOf(from, NOW).explain(IMAGE, 'CVE-2026-0001')),
    ],
    [
      'a bundle',
      async (from) => {
        const { parts, text } = collect();
        await exportBundle(from, async (chunk) => void parts.push(chunk), NOW);
        // Its id is made up each time, and counts in the SHA-256 at its end.
        return text()
          .slice(0, -32)
          .replace(/"id":"[^"]*"/, '');
      },
    ],
    [
      'an export',
      async (from) => {
        const { parts, text } = collect();
        const write = async (chunks: AsyncIterable<Uint8Array>) => {
          for await (const chunk of chunks) parts.push(chunk);
        };
        await exportDatabase(from, ecosystems, write, { signal });
        return text().replace(/"Ref":"[^"]*"/g, ''); // made up each time
      },
    ],
  ];
  for (const [what, read] of readers) {
    it(`is what ${what} is made of`, async () => {
      let inside = 0;
      for (let at = 0, isOver = false; !isOver; at++) {
        const old = await read(db);
        isOver = true;
        const got = await read(
          changedWithin(db, at, async () => {
            isOver = false;
            await change();
          }),
        );
        if (isOver) break;
        const now = await read(db);
        assert.notEqual(now, old, 'the change shows');
        assert.ok(got === old || got === now, `changed before statement ${at}: half of each`);
        // Before the first statement that reads nothing is decided yet.
        if (at > 1) assert.equal(got, old, `changed before statement ${at}`);
        inside = at;
      }
      assert.ok(inside > 1, 'the change came between statements that read');
    });
  }
});
