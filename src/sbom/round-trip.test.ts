/** Our own SBOMs give back the index report that they were written from. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ecosystems } from '../ecosystems/index.ts';
import { hashOfFunction } from '../formats/programs/function-hash.ts';
import { encodeFilter } from '../lib/name-filter.ts';
import type { Digest } from '../model/digest.ts';
import type { IndexedPackage, IndexReport } from '../model/index-report.ts';
import { toWire } from '../model/index-report-wire.ts';
import type { LinkedProgram } from '../model/linked-code.ts';
import type { Distribution, Environment, Package, Problem, Repository } from '../model/package.ts';
import type { SbomSubject } from './inventory.ts';
import { readSbom } from './read-sbom.ts';
import { cycloneDxOf, sealCycloneDx } from './write-cyclonedx.ts';
import { writeSpdx } from './write-spdx.ts';

const SUBJECT: SbomSubject = {
  name: 'lab/image:1',
  kind: 'oci',
  created: '2099-01-01T00:00:00Z',
  toolVersion: '1.0',
  properties: [['clair:feed', 'x']],
};

const text = fc.string({ maxLength: 12, unit: 'grapheme' });
const name = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const digest = fc.integer({ min: 0, max: 3 }).map((n) => `sha256:${String(n).repeat(64)}` as Digest);
const detectors = ecosystems.flatMap((each) => each.detectors.filter(({ kind }) => kind === 'package'));
const detector = fc.constantFrom(
  ...detectors.map(({ id, revision }) => `${id}:${revision}:package`),
  'unheard-of:1:package',
);
const distribution: fc.Arbitrary<Distribution> = fc.record({
  did: name,
  name: text,
  version: text,
  versionCodeName: text,
  versionId: text,
  arch: text,
  cpe: text,
  prettyName: text,
});
const repository = fc.record(
  { name, key: name, uri: name, cpe: name },
  { requiredKeys: [] },
) as fc.Arbitrary<Repository>;
const source = fc.record({ name, version: text, module: name }, { requiredKeys: ['name', 'version'] });
const installed = fc.record(
  {
    name,
    version: text,
    kind: fc.constantFrom('binary', 'source', 'ancestry'),
    source,
    normalizedVersion: name,
    module: name,
    arch: name,
    detector,
  },
  { requiredKeys: ['name', 'version', 'kind'] },
) as fc.Arbitrary<Package>;
const problem: fc.Arbitrary<Problem> = fc.record({ source: name, where: text, reason: text }).map((each) => {
  const line = (value: string) => value.replaceAll('\n', ' ');
  return { source: line(each.source), where: line(each.where), reason: each.reason };
});

const linked: fc.Arbitrary<LinkedProgram> = fc
  .record({
    packageDb: text,
    introducedIn: digest,
    platforms: fc.array(name, { maxLength: 2 }),
    // JSON of `__proto__` is no member.
    packages: fc.dictionary(name, fc.array(text, { maxLength: 3 }), { noNullPrototype: true }),
    functions: fc.array(name).map((names) =>
      encodeFilter(
        Float64Array.from(names, (each) => hashOfFunction('', each)),
        0,
      ),
    ),
    flags: fc.subarray(['incomplete', 'relocatable'] as const),
    unnamedMain: name,
  })
  .map(({ flags, ...rest }) => ({ ...rest, ...Object.fromEntries(flags.map((flag) => [flag, true])) }));

const report: fc.Arbitrary<IndexReport> = fc
  .record({
    distributions: fc.uniqueArray(distribution, { maxLength: 3, selector: (each) => JSON.stringify(each) }),
    repositories: fc.uniqueArray(repository, { maxLength: 3, selector: (each) => JSON.stringify(each) }),
    packages: fc.uniqueArray(installed, {
      maxLength: 6,
      selector: (each) => JSON.stringify(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))),
    }),
    places: fc.infiniteStream(fc.tuple(text, digest, fc.nat(3), fc.nat(4))),
    problems: fc.array(problem, { maxLength: 2 }),
    manifestHash: digest,
    programs: fc.array(linked, { maxLength: 3 }),
  })
  .map(({ distributions, repositories, packages, places, problems, manifestHash, programs }) => {
    const environmentOf = (): Environment => {
      const [packageDb, introducedIn, ofDistribution, ofRepositories] = places.next().value!;
      const of = distributions[ofDistribution];
      return {
        packageDb,
        introducedIn,
        ...(of && { distribution: of }),
        ...(ofRepositories < 4 && { repositories: repositories.slice(0, ofRepositories) }),
      };
    };
    const indexed = packages.map(
      (each): IndexedPackage => ({ package: each, environments: [environmentOf()] }),
    );
    return {
      manifestHash,
      state: 'IndexFinished',
      success: true,
      err: '',
      packages: indexed,
      distributions,
      repositories,
      problems,
      ...(programs.length > 0 && { linked: programs }),
    };
  });

describe('our own SBOM', () => {
  const formats: [string, (report: IndexReport) => string][] = [
    ['CycloneDX', (each) => sealCycloneDx(cycloneDxOf(each, ecosystems, SUBJECT).document)],
    ['SPDX', (each) => writeSpdx(each, ecosystems, SUBJECT)],
  ];
  for (const [format, write] of formats) {
    it(`in ${format} gives back the report`, () => {
      fc.assert(
        fc.property(report, (each) => {
          const written = write(each);
          assert.deepEqual(toWire(readSbom(Buffer.from(written), 'x', ecosystems).report), toWire(each));
          assert.equal(write(each), written);
        }),
        { numRuns: 150 },
      );
    });
  }

  it('refers to everything by a name of its own', () => {
    fc.assert(
      fc.property(report, (each) => {
        const { document, refs } = cycloneDxOf(each, ecosystems, SUBJECT);
        const own = document.components.map((component) => (component as { 'bom-ref': string })['bom-ref']);
        assert.equal(new Set(own).size, own.length);
        assert.equal(refs.length, each.packages.length);
        const known = new Set([...own, 'image']);
        for (const { ref, dependsOn } of document.dependencies)
          for (const to of [ref, ...dependsOn]) assert.ok(known.has(to));
      }),
      { numRuns: 50 },
    );
  });

  it('has the same serial number at any time, and another one of another content', () => {
    const empty: IndexReport = {
      manifestHash: `sha256:${'0'.repeat(64)}` as Digest,
      state: 'IndexFinished',
      success: true,
      err: '',
      packages: [],
      distributions: [],
      repositories: [],
      problems: [],
    };
    const serial = (of: IndexReport, created: string) =>
      [
        sealCycloneDx(cycloneDxOf(of, ecosystems, { ...SUBJECT, created }).document),
        writeSpdx(of, ecosystems, { ...SUBJECT, created }),
      ].map((written) => /urn:uuid:[0-9a-f-]{36}/.exec(written)?.[0]);
    const first = serial(empty, '2099-01-01T00:00:00Z');
    assert.deepEqual(serial(empty, '2099-12-31T00:00:00Z'), first);
    const other = serial(
      { ...empty, manifestHash: `sha256:${'1'.repeat(64)}` as Digest },
      '2099-01-01T00:00:00Z',
    );
    assert.ok(other.every((id, index) => id !== undefined && id !== first[index]));
  });
});
