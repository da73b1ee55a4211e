/** SBOMs that real tools made of our images: what they list is looked up, and found, as in the image itself. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { ecosystems } from '../../src/ecosystems/index.ts';
import { lookupsOf } from '../../src/ecosystems/report-lookups.ts';
import { mergeLayers } from '../../src/indexer/merge-layers.ts';
import { ANY_MODULE } from '../../src/model/advisory.ts';
import type { Digest } from '../../src/model/digest.ts';
import type { IndexReport } from '../../src/model/index-report.ts';
import { readSbom } from '../../src/sbom/read-sbom.ts';
import { cycloneDxOf, sealCycloneDx } from '../../src/sbom/write-cyclonedx.ts';
import { writeSpdx } from '../../src/sbom/write-spdx.ts';
import { scanFiles } from '../ecosystems.fixture.ts';
import { ROOT } from '../imports.ts';
import { IMAGES } from './images.ts';

const FIXTURES = globSync('test/sboms/fixtures/*', { cwd: ROOT }).sort();

async function indexed(image: string): Promise<IndexReport> {
  const layer = await scanFiles(IMAGES[image]!);
  return {
    manifestHash: layer.layer as Digest,
    state: 'IndexFinished',
    success: true,
    err: '',
    ...mergeLayers(ecosystems, [layer]),
  };
}

/** The keys of rpm's database are no packages; Syft lists them. */
const NO_PACKAGE = 'gpg-pubkey';

/** `knowsModules`: Syft tells the label of a module in its own JSON only; else all streams are looked up, undecided. */
function lookups(report: IndexReport, knowsModules = true): string[] {
  const all = lookupsOf(report, ecosystems).lookups.filter(({ lookup }) => lookup.name !== NO_PACKAGE);
  return all
    .map(({ lookup: { module, ...rest } }) => ({
      ...rest,
      ...(module !== undefined && { module: knowsModules ? module : ANY_MODULE }),
    }))
    .map((lookup) => JSON.stringify(Object.entries(lookup).sort()))
    .sort();
}

for (const image of Object.keys(IMAGES)) {
  describe(`SBOMs of the image ${image}`, () => {
    for (const path of FIXTURES.filter((each) => basename(each).startsWith(`${image}.`))) {
      it(basename(path), async () => {
        const { report } = readSbom(readFileSync(join(ROOT, path)), path, ecosystems);
        assert.deepEqual(report.problems, []);
        const knowsModules = !/syft\.(cdx|spdx)/.test(path);
        assert.deepEqual(lookups(report, knowsModules), lookups(await indexed(image), knowsModules));
      });
    }
    it('our own', async () => {
      const report = await indexed(image);
      const subject = {
        name: image,
        kind: 'oci',
        created: '2099-01-01T00:00:00Z',
        toolVersion: '1',
        properties: [],
      };
      const cyclonedx = sealCycloneDx(cycloneDxOf(report, ecosystems, subject).document);
      for (const text of [cyclonedx, writeSpdx(report, ecosystems, subject)]) {
        const again = readSbom(Buffer.from(text), image, ecosystems).report;
        assert.deepEqual(lookups(again), lookups(report));
      }
    });
  });
}
