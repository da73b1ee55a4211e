/** What `clairctl scan` writes, against the schemas that the formats publish. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cyclonedx, cyclonedxSbom } from '../src/cli/formats/cyclonedx.ts';
import { formatInput } from '../src/cli/formats/format-input.ts';
import { junit } from '../src/cli/formats/junit.ts';
import { CREATED, input } from '../src/cli/formats/report.fixture.ts';
import { sarif } from '../src/cli/formats/sarif.ts';
import { spdx, spdxSbom } from '../src/cli/formats/spdx.ts';
import type { FormatInput } from '../src/cli/formats/view.ts';
import { scanResult } from '../src/cli/outcome/scan-result.fixture.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { cycloneDxMistakes } from './cyclonedx-schema.ts';
import { junitSchema, type Schema, sarifSchema, spdxSchema } from './published-schemas.ts';

const REPORTS: readonly (readonly [string, FormatInput])[] = [
  ['hostile text', input()],
  ['plain text', input({}, 'plain')],
  ['an image in a registry', input({ target: { name: 'quay.io/lab/app:1', kind: 'registry' } }, 'plain')],
  ['nothing', nothing()],
];

function nothing(): FormatInput {
  return formatInput({ result: scanResult(), matches: [], ecosystems, now: CREATED }, CREATED);
}

const cycloneDxSchema: Schema = { mistakes: async (text) => cycloneDxMistakes(JSON.parse(text)) };

const CASES: readonly (readonly [
  string,
  Schema,
  (report: FormatInput) => string,
  broken: (text: string) => string,
])[] = [
  ['SARIF 2.1.0', sarifSchema(), sarif, (text) => text.replaceAll('"level"', '"degree"')],
  ['JUnit', junitSchema(), junit, (text) => text.replaceAll('testcase', 'case')],
  ['CycloneDX 1.6', cycloneDxSchema, cyclonedx, (text) => text.replace('"type"', '"kind"')],
  [
    'CycloneDX 1.6, packages alone',
    cycloneDxSchema,
    cyclonedxSbom,
    (text) => text.replace('"type"', '"kind"'),
  ],
  ['SPDX 2.3', await spdxSchema(), spdx, (text) => text.replace('"CC0-1.0"', '"X"')],
  ['SPDX 2.3, packages alone', await spdxSchema(), spdxSbom, (text) => text.replace('"CC0-1.0"', '"X"')],
];

for (const [name, { missing, mistakes }, write, broken] of CASES) {
  describe(name, { skip: missing ?? false }, () => {
    for (const [of, report] of REPORTS) {
      it(`is valid, of ${of}`, async () => assert.equal(await mistakes(write(report)), ''));
    }
    it('is told when it is not', async () => {
      const text = write(REPORTS[1]![1]);
      assert.notEqual(await mistakes(broken(text)), '');
    });
  });
}
