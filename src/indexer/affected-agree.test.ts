/** The way back comes to the same as reports: whatever feeds say of whatever images. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { connect } from '../db/database.ts';
import {
  advisory,
  indexReport,
  matcherDatabase,
  noHttp,
  TOY_1,
  text,
  toyDistribution,
  toyEcosystem,
  toyFeed,
} from '../matcher/matcher.fixture.ts';
import { createMatcher } from '../matcher/matcher.ts';
import type { Advisory, AdvisoryFacts } from '../model/advisory.ts';
import type { IndexReport } from '../model/index-report.ts';
import { toWire } from '../model/index-report-wire.ts';
import { allOf, clairAnswer } from './affected.fixture.ts';
import { inDistribution, indexerOf, now, signal, storeReport, toy } from './affected-toy.fixture.ts';
import { digestOf, indexerDatabase } from './indexing.fixture.ts';
import { sweepAll } from './sweep.fixture.ts';

describe('affected manifests and reports', () => {
  it('agree', { timeout: 600_000 }, async () => {
    await using open = new AsyncDisposableStack();
    const { dsn } = open.use(await indexerDatabase());
    const db = open.use(await connect(dsn, { applicationName: 'affected-test' }));
    const matcherDb = open.use(await matcherDatabase());
    const indexer = indexerOf(db);
    const state = { records: [] as Advisory[], fingerprint: '' };
    const scopes = [TOY_1, { key: 'toy:2', distribution: toyDistribution('2') }];
    const matcher = createMatcher({
      db: matcherDb,
      ecosystems: [{ ...toy, feeds: toyEcosystem([toyFeed('toy/feed', state, scopes)]).feeds }],
      enrichers: [],
      indexer,
      now,
      http: noHttp,
    });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(advisories, { maxLength: 12 }),
        fc.array(images, { maxLength: 5 }),
        async (known, reports) => {
          state.records = known.map((each, n) => ({ ...each, vulnerability: text(`CVE-2020-${1000 + n}`) }));
          state.fingerprint = String(++round);
          const [result] = await matcher.updateFeeds({ signal, config: { toy: { max_row_loss: 1 } } });
          assert.equal(result?.error, undefined);
          const forwards: Record<string, string[]> = {};
          for (const [n, image] of reports.entries()) {
            const report = { ...image, manifestHash: digestOf(`${round} ${n}`) };
            await storeReport(db, report);
            const wire = JSON.parse((await matcher.matchReport(toWire(report))).body.toString()) as {
              package_vulnerabilities: Record<string, string[]>;
              vulnerabilities: Record<string, { name: string }>;
            };
            const names = Object.values(wire.package_vulnerabilities)
              .flat()
              .map((id) => wire.vulnerabilities[id]!.name);
            if (names.length > 0) forwards[report.manifestHash] = [...new Set(names)].sort();
          }
          const { newest } = await matcher.updateOperations('vulnerability', true);
          const asked: unknown[] = [];
          const facts: AdvisoryFacts[] = [];
          for await (const each of (await matcher.updateDiff(newest!)).added.advisories()) {
            asked.push(JSON.parse(each.json));
            facts.push(each.facts);
          }
          const answer = await clairAnswer(indexer, asked, signal);
          const names = new Map(
            asked.map((each) => [(each as { id: string }).id, (each as { name: string }).name]),
          );
          const backwards = Object.fromEntries(
            Object.entries(answer.vulnerable_manifests).map(([digest, ids]) => [
              digest,
              ids.map((id) => names.get(id)).sort(),
            ]),
          );
          assert.deepEqual(backwards, forwards);
          // Within a process they are handed over as they are, and come to the same.
          const { pages, problems } = await indexer.manifestsAffectedBy(facts, { after: '', signal });
          assert.deepEqual(problems, []);
          const within = (await allOf(pages())).map(([digest, positions]) => [
            digest,
            [...positions].map((at) => (asked[at] as { name: string }).name).sort(),
          ]);
          assert.deepEqual(Object.fromEntries(within), forwards);
          await indexer.delete(reports.map((_, n) => digestOf(`${round} ${n}`)));
          await sweepAll(db);
          assert.deepEqual(await db.query({ text: 'select from finding' }), []);
        },
      ),
      { numRuns: 40 },
    );
  });
});

const versions = fc.constantFrom('1', '1.0', '1.5', '2', '2.0.1', '3', '!1.5', '!2', 'odd');
const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
const packageNames = fc.constantFrom('a', 'b', 'Ünï "c"');
const arches = fc.constantFrom('x86_64', 'aarch64');
const modules = fc.constantFrom('m:1', 'm:2');

const advisories: fc.Arbitrary<Advisory> = fc
  .record({
    scope: fc.constantFrom('toy:1', 'toy:2'),
    name: packageNames,
    kind: fc.constantFrom('source' as const, 'binary' as const),
    module: optional(modules),
    arches: optional(fc.uniqueArray(arches, { minLength: 1, maxLength: 2 })),
    from: optional(versions),
    upper: optional(fc.tuple(fc.constantFrom('below' as const, 'upTo' as const), versions)),
    fixedInVersion: fc.constantFrom('', '2'),
  })
  .map(({ name, upper, ...rest }) =>
    advisory(name, 'X', {
      ...(Object.fromEntries(
        Object.entries(rest).filter(([, value]) => value !== undefined),
      ) as Partial<Advisory>),
      ...(upper && { [upper[0]]: upper[1] }),
    }),
  );

const images: fc.Arbitrary<IndexReport> = fc
  .record({
    release: fc.constantFrom('1', '2'),
    packages: fc.array(
      fc.record(
        {
          name: packageNames,
          version: versions,
          module: modules,
          arch: arches,
          source: fc.record({ name: packageNames, version: versions }),
        },
        { requiredKeys: ['name', 'version'] },
      ),
      { maxLength: 5 },
    ),
  })
  .map(({ release, packages }) => inDistribution(indexReport(packages), release));
