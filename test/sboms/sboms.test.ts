/** SBOMs that real tools made of our images: what they list is looked up as in the image itself. */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { describe, it } from 'node:test';
import { ecosystems } from '../../src/ecosystems/index.ts';
import { lookupsOf } from '../../src/ecosystems/report-lookups.ts';
import { ANY_MODULE } from '../../src/model/advisory.ts';
import type { IndexReport } from '../../src/model/index-report.ts';
import { readSbom } from '../../src/sbom/read-sbom.ts';
import { cycloneDxOf, sealCycloneDx } from '../../src/sbom/write-cyclonedx.ts';
import { writeSpdx } from '../../src/sbom/write-spdx.ts';
import { IMAGES } from './images.ts';
import { indexed, knowsModules, NO_PACKAGE, readFixture, sbomsOf } from './sboms.fixture.ts';

function lookups(report: IndexReport, withModules = true): string[] {
  const all = lookupsOf(report, ecosystems).lookups.filter(({ lookup }) => lookup.name !== NO_PACKAGE);
  return all
    .map(({ lookup: { module, ...rest } }) => ({
      ...rest,
      ...(module !== undefined && { module: withModules ? module : ANY_MODULE }),
    }))
    .map((lookup) => JSON.stringify(Object.entries(lookup).sort()))
    .sort();
}

for (const image of Object.keys(IMAGES)) {
  describe(`SBOMs of the image ${image}`, () => {
    for (const path of sbomsOf(image)) {
      it(basename(path), async () => {
        const report = readFixture(path);
        assert.deepEqual(report.problems, []);
        const withModules = knowsModules(path);
        assert.deepEqual(lookups(report, withModules), lookups(await indexed(image), withModules));
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
