import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { z } from 'zod';
import { Digests, IndexReportBody, VulnerabilitiesBody } from './index-report.ts';
import { jsonSchemas, type SchemaName } from './json-schemas.ts';
import { TestDelivery } from './notifications.ts';
import { FeedSelection } from './updates.ts';

const schemas = jsonSchemas();
const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true, uuid: true, uri: true } });
ajv.addSchema({ $id: 'clair', components: { schemas } });

const environment = {
  package_db: 'x',
  introduced_in: `sha256:${'0'.repeat(64)}`,
  distribution_id: '',
  repository_ids: null,
};
const report = {
  manifest_hash: `sha256:${'0'.repeat(64)}`,
  state: 'IndexFinished',
  packages: {},
  distributions: {},
  repository: {},
  environments: {},
  success: true,
  err: '',
};

describe('what validates a body is what the document says of it', () => {
  const cases: readonly [name: SchemaName, schema: z.ZodType, good: unknown[], bad: unknown[]][] = [
    ['Digests', Digests, [[], [report.manifest_hash]], [{}, [1], 'x', null]],
    [
      'FeedSelection',
      FeedSelection,
      [null, {}, { sets: ['a'] }, { sets: [], feeds: ['b'] }],
      [{ set: ['a'] }, { sets: 'a' }, { sets: [''] }, { feeds: [1] }, { sets: ['x'.repeat(201)] }, []],
    ],
    ['TestDelivery', TestDelivery, [null, {}, { transport: 'webhook' }], [{ transport: 1 }, 'webhook']],
    [
      'Vulnerabilities',
      VulnerabilitiesBody,
      [{}, { vulnerabilities: null }, { vulnerabilities: [{}] }],
      [[], 1],
    ],
    [
      'IndexReport',
      IndexReportBody,
      [report, { ...report, environments: { 1: [environment] }, problems: [] }],
      [
        { ...report, success: 'yes' },
        { ...report, packages: [] },
        { ...report, environments: { 1: environment } },
        { ...report, err: undefined },
        { ...report, problems: [{ source: 'a', where: 'b', reason: 'c', kind: 'nonsense' }] },
      ],
    ],
  ];
  for (const [name, schema, good, bad] of cases) {
    const told = ajv.getSchema(`clair#/components/schemas/${name}`)!;
    for (const value of good) {
      it(`${name}: takes ${JSON.stringify(value)}`, () => {
        assert.equal(schema.safeParse(value).success, true);
        assert.equal(told(JSON.parse(JSON.stringify(value))), true);
      });
    }
    for (const value of bad) {
      it(`${name}: refuses ${JSON.stringify(value)}`.slice(0, 100), () => {
        assert.equal(schema.safeParse(value).success, false);
        assert.equal(told(JSON.parse(JSON.stringify(value))), false);
      });
    }
  }
});

it('says nothing of numbers and maps that no client learns from', () => {
  const text = JSON.stringify(schemas);
  assert.doesNotMatch(text, /propertyNames|9007199254740991|\$schema|\$id/);
});
