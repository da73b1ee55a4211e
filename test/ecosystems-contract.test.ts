/** What every ecosystem of the list has to hold from a file in a layer to a feed and a package URL (src/contract/ecosystem.ts). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Ecosystem } from '../src/contract/ecosystem.ts';
import type { FeedContext } from '../src/contract/feed.ts';
import type { Lookup } from '../src/contract/lookup.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { mergeLayers } from '../src/indexer/merge-layers.ts';
import { settleFiles } from '../src/indexer/settle-files.ts';
import type { IndexedPackage, IndexRecord } from '../src/model/index-report.ts';
import { formatPurl, parsePurl } from '../src/model/purl.ts';
import { detectors, readSamples, scanFiles } from './ecosystems.fixture.ts';

const SAMPLES = await readSamples();

async function packagesOf(ecosystem: Ecosystem): Promise<readonly IndexedPackage[]> {
  const scan = await scanFiles(SAMPLES.get(ecosystem.id)?.files ?? []);
  return mergeLayers([ecosystem], settleFiles([scan], detectors)).packages;
}

function recordsOf({ package: pkg, environments }: IndexedPackage): IndexRecord[] {
  return environments.flatMap(({ distribution, repositories = [] }) => {
    const record = { package: pkg, ...(distribution && { distribution }) };
    return repositories.length === 0
      ? [record]
      : repositories.map((repository) => ({ ...record, repository }));
  });
}

const lookupsOf = (ecosystem: Ecosystem, packages: readonly IndexedPackage[]): Lookup[] =>
  packages.flatMap(recordsOf).flatMap((record) => ecosystem.lookups(record));

/** Nobody answers. */
const OFFLINE: FeedContext = {
  request: () => Promise.reject(new Error('no network in tests')),
  spool: () => Promise.reject(new Error('no network in tests')),
  problem: () => undefined,
  now: () => new Date(0),
  signal: new AbortController().signal,
};

// One without detectors looks up what another one finds.
for (const ecosystem of ecosystems.filter(({ id, detectors }) => SAMPLES.has(id) && detectors.length > 0)) {
  describe(`${ecosystem.id}, from a file to what is looked up`, () => {
    it('finds packages, all of which have something to look up', async () => {
      const packages = await packagesOf(ecosystem);
      assert.ok(packages.length > 0);
      const binaries = packages.filter(({ package: { kind } }) => kind === 'binary');
      assert.ok(lookupsOf(ecosystem, binaries).length > 0);
    });

    it('looks up scopes that its feeds cover', async (test) => {
      const scopes = new Set<string>();
      let all = true;
      for (const set of ecosystem.feeds) {
        // Some ask first which releases there are.
        const feeds = await set.feeds(undefined, OFFLINE).catch(() => undefined);
        if (feeds === undefined) all = false;
        for (const feed of feeds ?? []) for (const { key } of feed.scopes) scopes.add(key);
      }
      if (!all) return test.skip('its feeds are only known to those who can ask');
      const { cover } = ecosystem;
      for (const { scope, name } of lookupsOf(ecosystem, await packagesOf(ecosystem))) {
        // Of CPEs, the documents of a feed tell which there are.
        const covered = scopes.has(scope) || (cover !== undefined && scope.startsWith(cover.prefix));
        assert.ok(covered, `${name}: ${scope}`);
      }
    });

    it('reads the package URLs that it writes as the same packages', async (test) => {
      const { purl } = ecosystem;
      if (purl === undefined) return test.skip('it has no package URLs');
      let written = 0;
      for (const indexed of await packagesOf(ecosystem)) {
        for (const environment of indexed.environments) {
          const made = purl.toPurl(indexed.package, environment);
          if (made === undefined) continue;
          written++;
          assert.ok(purl.types.includes(made.type), made.type);
          const text = formatPurl(made);
          const read = purl.fromPurl(parsePurl(text)!);
          assert.ok(read, text);
          const { repositories, distribution } = read;
          const again: IndexedPackage = {
            package: read.package,
            environments: [
              {
                ...environment,
                ...(distribution && { distribution }),
                ...(repositories && { repositories }),
              },
            ],
          };
          assert.deepEqual(
            lookupsOf(ecosystem, [again]),
            lookupsOf(ecosystem, [{ ...indexed, environments: [environment] }]),
            text,
          );
        }
      }
      assert.ok(written > 0);
    });
  });
}
