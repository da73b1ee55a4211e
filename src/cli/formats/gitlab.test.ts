/**
 * GitLab's report of container scanning. No package brings the schema (security-report-schemas, 15.0.7), so the rules by which
 * GitLab refuses a report are written down here.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { ecosystems } from '../../ecosystems/index.ts';
import { packageWire, reportWire, scanResult, vulnerabilityWire } from '../outcome/scan-result.fixture.ts';
import { matchesOf, type ScanResult } from '../outcome/scan-result.ts';
import { formatInput } from './format-input.ts';
import { gitlab } from './gitlab.ts';
import { input } from './report.fixture.ts';

const text = z.string().min(1);
const url = z.string().regex(/^(https?|ftp):\/\/.+/);
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
const tool = z.strictObject({ id: text, name: text, version: text, vendor: z.strictObject({ name: text }) });
const line = z.strictObject({ type: z.literal('text'), value: z.string() });
const detail = z.discriminatedUnion('type', [
  z.strictObject({ name: text, type: z.literal('text'), value: z.string() }),
  z.strictObject({ name: text, type: z.literal('list'), items: z.array(line) }),
]);
const report = z.strictObject({
  version: z.literal('15.0.7'),
  scan: z.strictObject({
    type: z.literal('container_scanning'),
    status: z.enum(['success', 'failure']),
    start_time: time,
    end_time: time,
    analyzer: tool,
    scanner: tool,
    messages: z.array(z.strictObject({ level: z.enum(['info', 'warn', 'fatal']), value: text })),
  }),
  vulnerabilities: z.array(
    z.strictObject({
      id: text,
      name: z.string().max(255),
      description: z.string().max(1_048_576),
      severity: z.enum(['Info', 'Unknown', 'Low', 'Medium', 'High', 'Critical']),
      solution: z.string().max(7000),
      identifiers: z
        .array(z.strictObject({ type: text, name: text, value: text, url: url.optional() }))
        .min(1)
        .max(20),
      links: z.array(z.strictObject({ url })),
      details: z.record(z.string(), detail),
      location: z.strictObject({
        dependency: z.strictObject({ package: z.strictObject({ name: z.string() }), version: z.string() }),
        operating_system: text,
        image: z.string().regex(/^[^:]+(:\d+[^:]*)?:[^:]+(:[^:]+)?$/),
      }),
    }),
  ),
  remediations: z.array(z.never()),
});

const read = (document: string) => report.parse(JSON.parse(document));
const TARGETS: readonly (readonly [ScanResult['target'], image: RegExp])[] = [
  [{ name: 'quay.io/lab/app:1', kind: 'registry' }, /^quay\.io\/lab\/app:1$/],
  [{ name: 'quay.io/lab/app', kind: 'registry' }, /^quay\.io\/lab\/app@sha256:0+$/],
  [{ name: '127.0.0.1:5000/app:2', kind: 'registry' }, /^127\.0\.0\.1:5000\/app:2$/],
  [{ name: 'build/a:b', kind: 'oci' }, /^build\/a_b@sha256:0+$/],
  [{ name: '', kind: 'sbom' }, /^sbom@sha256:0+$/],
];

describe('GitLab', () => {
  it('takes the report, whatever is in it', () => {
    for (const each of [input(), input({}, 'plain')]) {
      const { vulnerabilities } = read(gitlab(each));
      assert.equal(new Set(vulnerabilities.map(({ id }) => id)).size, vulnerabilities.length);
      assert.deepEqual(
        vulnerabilities.map(({ severity }) => severity),
        ['High', 'Unknown'],
      );
    }
  });

  for (const [target, image] of TARGETS) {
    it(`is given ${JSON.stringify(target.name)} with a tag or a digest`, () => {
      const { vulnerabilities } = read(gitlab(input({ target }, 'plain')));
      assert.match(vulnerabilities[0]!.location.image, image);
    });
  }

  it('knows a finding again in the next report', () => {
    const idOf = (fixed: string, version = '1.0'): string => {
      const wire = reportWire({
        packages: [packageWire('curl', version)],
        vulnerabilities: [vulnerabilityWire('CVE-2099-1', { fixed_in_version: fixed })],
        hits: { curl: ['CVE-2099-1'] },
      });
      const parts = {
        result: scanResult({ report: wire }),
        matches: matchesOf(wire, ecosystems),
        ecosystems,
      };
      return read(gitlab(formatInput({ ...parts, now: new Date() }, new Date()))).vulnerabilities[0]!.id;
    };
    assert.equal(idOf(''), idOf('1.1'));
    assert.notEqual(idOf(''), idOf('', '1.1'));
  });

  it('is told all names of a vulnerability by their kind', () => {
    const [first] = read(gitlab(input({}, 'plain'))).vulnerabilities;
    assert.deepEqual(
      first?.identifiers.map(({ type, value }) => [type, value]),
      [
        ['cve', 'CVE-2099-1'],
        ['ghsa', 'GHSA-1'],
      ],
    );
  });

  it('is warned of what was not checked', () => {
    const { messages } = read(gitlab(input({}, 'plain'))).scan;
    const warnings = messages.filter(({ level }) => level === 'warn').map(({ value }) => value);
    assert.match(warnings.join('\n'), /^Not checked: npm.*\nNot read: dpkg/);
  });
});
