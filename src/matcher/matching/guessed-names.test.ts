/** Archives without coordinates, from the advisories to the report. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Feed } from '../../contract/feed.ts';
import { MAVEN_CENTRAL } from '../../ecosystems/java/detect-archives.ts';
import { java } from '../../ecosystems/java/index.ts';
import type { Digest } from '../../model/digest.ts';
import type { IndexReport } from '../../model/index-report.ts';
import { toWire } from '../../model/index-report-wire.ts';
import { advisory, indexReport, matcherDatabase, noHttp } from '../matcher.fixture.ts';
import { createMatcher, type Matcher } from '../matcher.ts';
import type { VulnerabilityReportWire } from '../report/report-wire.ts';

const records = [
  advisory('org.springframework:spring-beans', 'GHSA-1', { scope: 'maven', below: '5.3.18' }),
  advisory('org.springframework:spring-core', 'GHSA-2', { scope: 'maven', below: '5.3.18' }),
  advisory('other.group:spring-beans', 'GHSA-3', { scope: 'maven', below: '1.0' }),
];

const feed: Feed = {
  name: 'osv/maven',
  scopes: [{ key: 'maven', repository: MAVEN_CENTRAL }],
  versions: java.versions,
  fetch: async () => ({
    fingerprint: '1',
    records: (async function* () {
      yield* records;
    })(),
  }),
};

describe('an archive that does not say its name', () => {
  let db: Awaited<ReturnType<typeof matcherDatabase>>;
  let matcher: Matcher;
  before(async () => {
    db = await matcherDatabase();
    matcher = createMatcher({
      db,
      ecosystems: [{ ...java, feeds: [{ set: 'osv', feeds: async () => [feed] }] }],
      enrichers: [],
      indexer: { indexReport: async () => undefined },
      now: () => new Date('2026-02-03T04:05:06Z'),
      http: noHttp,
    });
    await matcher.updateFeeds({ signal: new AbortController().signal });
  });
  after(() => db[Symbol.asyncDispose]());

  async function reportOf(
    name: string,
    version: string,
    packageDb: string,
    folder = '',
  ): Promise<VulnerabilityReportWire> {
    const report: IndexReport = {
      ...indexReport([]),
      packages: [
        {
          package: {
            name,
            version,
            kind: 'binary',
            ...(folder && { clues: { names: [name], groups: [], folders: [folder], root: folder } }),
          },
          environments: [
            { packageDb, introducedIn: `sha256:${'0'.repeat(64)}` as Digest, repositories: [MAVEN_CENTRAL] },
          ],
        },
      ],
      distributions: [],
      repositories: [MAVEN_CENTRAL],
    };
    return JSON.parse((await matcher.matchReport(toWire(report))).body.toString());
  }

  const cases: [
    what: string,
    name: string,
    version: string,
    place: string,
    found: readonly string[],
    undecided: readonly string[],
    kinds: readonly string[],
    folder?: string,
    named?: string,
  ][] = [
    ['its artifact has advisories', 'spring-beans', '5.3.1', 'jar:a.jar', [], ['GHSA-1'], ['guessed-name']],
    ['they are about other versions', 'spring-beans', '5.3.18', 'jar:a.jar', [], [], []],
    ['no advisory has its artifact', 'my-app', '5.3.1', 'jar:my-app.jar', [], [], []],
    ['its file says it', 'Beans', '5.3.1', 'jar:x/spring-beans-5.3.1.jar', [], ['GHSA-1'], ['guessed-name']],
    [
      'its guess is a name of advisories',
      'org.springframework:spring-beans',
      '5.3.1',
      'jar:spring-core-5.3.1.jar',
      ['GHSA-1'],
      [],
      [],
    ],
    [
      'its classes fit one of them',
      'spring-beans',
      '5.3.1',
      'jar:a.jar',
      ['GHSA-1'],
      [],
      [],
      'org.springframework.beans',
      'org.springframework:spring-beans',
    ],
    [
      'its classes fit none',
      'spring-beans',
      '5.3.1',
      'jar:a.jar',
      [],
      ['GHSA-1'],
      ['guessed-name'],
      'com.acme',
    ],
    ['it has no version', 'spring-beans', '', 'jar:a.jar', [], ['GHSA-1'], [], 'org.springframework.beans'],
    [
      'no advisory has its artifact, and its classes tell its group',
      'my-app',
      '1',
      'jar:a.jar',
      [],
      [],
      [],
      'com.acme.my',
      'com.acme:my-app',
    ],
    ['it says its name', 'org.acme:spring-beans', '5.3.1', 'maven:spring-beans.jar', [], [], []],
  ];
  for (const [what, name, version, place, found, undecided, kinds, folder, named] of cases) {
    it(what, async () => {
      const report = await reportOf(name, version, place, folder);
      const namesOf = (ids: readonly string[] = []) => ids.map((id) => report.vulnerabilities[id]!.name);
      assert.deepEqual(Object.values(report.package_vulnerabilities).flatMap(namesOf), found);
      if (named !== undefined)
        assert.deepEqual(
          Object.values(report.packages).map((each) => each.name),
          [named],
        );
      assert.deepEqual(Object.values(report.undecided).flatMap(namesOf), undecided);
      assert.deepEqual(
        report.incomplete.map(({ kind }) => kind),
        kinds,
      );
    });
  }
});
