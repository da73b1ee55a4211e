/** What is found in an SBOM of Syft or Trivy is what is found in the image that it is of: same names, fixes and doubts, and as complete. */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Feed } from '../../src/contract/feed.ts';
import type { Lookup } from '../../src/contract/lookup.ts';
import { ecosystems } from '../../src/ecosystems/index.ts';
import { lookupsOf, type ReportLookup } from '../../src/ecosystems/report-lookups.ts';
import { matcherDatabase, noHttp, text, toyFeed } from '../../src/matcher/matcher.fixture.ts';
import { createMatcher, type Matcher } from '../../src/matcher/matcher.ts';
import type { VulnerabilityReportWire } from '../../src/matcher/report/report-wire.ts';
import type { Advisory } from '../../src/model/advisory.ts';
import type { IndexReport } from '../../src/model/index-report.ts';
import { toWire } from '../../src/model/index-report-wire.ts';
import { IMAGES } from './images.ts';
import { indexed, knowsModules, NO_PACKAGE, readFixture, sbomsOf } from './sboms.fixture.ts';

const { signal } = new AbortController();
/** Before the support of any of them has ended. */
const now = () => new Date('2024-01-01T00:00:00Z');

const idsOf = (number: number): [string, string] => [
  `CVE-2099-${1000 + number}`,
  `CVE-2099-${5000 + number}`,
];

/** One that affects the version of the image and one that is fixed there. */
function advisoriesOf({ scope, name, kind, version, module }: Lookup, number: number): Advisory[] {
  const shared = { scope, name, kind, ...(module !== undefined && { module }) };
  const [affects, fixed] = idsOf(number);
  return [
    { ...shared, upTo: version, fixedInVersion: '9999', vulnerability: text(affects) },
    { ...shared, below: version, fixedInVersion: version, vulnerability: text(fixed) },
  ];
}

/** A feed for each order of versions, with advisories about all that is looked up. */
function feedsAbout(lookups: readonly ReportLookup[]): Feed[] {
  return [...Map.groupBy(lookups, ({ versions }) => versions)].map(([versions, of]) => {
    const records = of.flatMap((each) => advisoriesOf(each.lookup, lookups.indexOf(each)));
    const scopes = [...new Set(of.map(({ lookup }) => lookup.scope))].map((key) => ({ key }));
    return { ...toyFeed(`lab/${versions.id}`, { records }, scopes), versions };
  });
}

/** Tools write names of PyPI as they are, or normalised: one package in any case. */
const spelt = (name: string): string => name.replaceAll('_', '-');

describe('findings in SBOMs of other tools', () => {
  const open = new AsyncDisposableStack();
  const images = new Map<string, IndexReport>();
  /** Vulnerabilities of a stream of a module: without labels nothing is decided about them. */
  let ofModules: ReadonlySet<string>;
  let matcher: Matcher;
  before(async () => {
    for (const image of Object.keys(IMAGES)) images.set(image, await indexed(image));
    const all = [...images.values()].flatMap((report) => lookupsOf(report, ecosystems).lookups);
    const feeds = feedsAbout(all);
    ofModules = new Set(
      all.flatMap(({ lookup }, number) => (lookup.module === undefined ? [] : idsOf(number))),
    );
    matcher = createMatcher({
      db: open.use(await matcherDatabase()),
      ecosystems: ecosystems.map((each, index) => ({
        ...each,
        feeds: index === 0 ? [{ set: 'lab', feeds: async () => feeds }] : [],
      })),
      enrichers: [],
      indexer: { indexReport: async () => undefined },
      now,
      http: noHttp,
    });
    const failed = (await matcher.updateFeeds({ signal })).filter((each) => 'error' in each && each.error);
    assert.deepEqual(failed, []);
  });
  after(() => open.disposeAsync());

  /** Findings as lines, each of a package and a version; and what is not complete. */
  async function told(
    report: IndexReport,
    withModules: boolean,
  ): Promise<{ findings: string[]; incomplete: unknown }> {
    const wire: VulnerabilityReportWire = JSON.parse(
      (await matcher.matchReport(toWire(report))).body.toString(),
    );
    const findings = wire.findings.map(({ package: id, name, fixed_in, undecided }) => {
      const { name: of, version } = wire.packages[id]!;
      const isOpen = undecided || (!withModules && ofModules.has(name));
      return [spelt(of), version, name, fixed_in, isOpen ? 'undecided' : ''].join(' ');
    });
    return {
      findings: findings.filter((line) => !line.includes(NO_PACKAGE)).sort(),
      incomplete: wire.incomplete,
    };
  }

  for (const image of Object.keys(IMAGES)) {
    for (const path of sbomsOf(image)) {
      it(basename(path), async () => {
        const withModules = knowsModules(path);
        const ofImage = await told(images.get(image)!, withModules);
        assert.ok(ofImage.findings.length > 5);
        assert.deepEqual(await told(readFixture(path), withModules), ofImage);
      });
    }
  }
});
