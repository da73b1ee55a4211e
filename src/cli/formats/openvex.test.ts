import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ecosystems } from '../../ecosystems/index.ts';
import { openVexMistakes } from '../../vex/openvex-rules.fixture.ts';
import { readVex } from '../../vex/read-vex.ts';
import { packageWire, reportWire, scanResult, vulnerabilityWire } from '../outcome/scan-result.fixture.ts';
import { matchesOf, type ScanResult } from '../outcome/scan-result.ts';
import { imageIdentity } from '../policy/scanned-image.ts';
import { type Suppression, select } from '../policy/selection.ts';
import { vexRules } from '../policy/vex-rules.ts';
import { formatInput } from './format-input.ts';
import { openvex } from './openvex.ts';
import { DEBIAN, input } from './report.fixture.ts';
import type { FormatInput } from './view.ts';

const NOW = new Date('2099-01-01T00:00:00Z');
const vex = (more: Partial<Suppression> = {}): Suppression => ({
  kind: 'vex',
  source: 'v.json: statements[0]',
  status: 'not_affected',
  justification: '',
  reason: '',
  ...more,
});
const IGNORED = vex({ kind: 'ignored', source: 'i.yaml:2', status: 'accepted', reason: 'so be it' });

/** A finding of a package for each entry, suppressed as it says; the first could not be decided. */
function scanOf(by: readonly (Suppression | undefined)[], target: ScanResult['target']): FormatInput {
  const names = by.map((_, position) => `p${position}`);
  const report = reportWire({
    packages: names.map((name) => packageWire(name, '1')),
    vulnerabilities: names.map((name) => vulnerabilityWire(`CVE-${name}`, { fixed_in_version: '2' })),
    hits: Object.fromEntries(names.slice(1).map((name) => [name, [`CVE-${name}`]])),
    undecided: { p0: ['CVE-p0'] },
    distributions: {},
    environments: Object.fromEntries(names.map((name) => [name, []])),
  });
  const environments = names.map((name) => [
    name,
    [{ package_db: 'var/lib/dpkg/status', introduced_in: '', distribution_id: '1', repository_ids: null }],
  ]);
  const whole = { ...report, distributions: { 1: DEBIAN }, environments: Object.fromEntries(environments) };
  const matches = matchesOf(whole, ecosystems);
  return formatInput(
    {
      result: scanResult({ report: whole, target }),
      matches,
      ecosystems,
      now: NOW,
      select: (findings) => ({
        shown: [...findings.keys()].filter((i) => by[numberOf(findings[i]!.package)] === undefined),
        suppressed: [...findings.keys()].flatMap((position) => {
          const suppression = by[numberOf(findings[position]!.package)];
          return suppression === undefined ? [] : [{ position, by: suppression }];
        }),
        unfixed: [],
        fixed: [],
        otherSeverity: [],
        notices: [],
      }),
    },
    NOW,
  );
}

const numberOf = (name: string): number => Number(name.slice(1));

/** Which packages a scan of the same leaves out when it is given the document. */
function suppressedBy(document: string, { result }: FormatInput): string[] {
  const { statements, problems } = readVex(document, 'again.json');
  assert.deepEqual(problems, []);
  const rules = vexRules([{ path: 'again.json', statements, problems }], imageIdentity(result));
  const { view } = formatInput(
    {
      result,
      matches: matchesOf(result.report, ecosystems),
      ecosystems,
      now: NOW,
      select: (findings) => select(findings, { onlyFixed: false, suppressors: [rules] }),
    },
    NOW,
  );
  return view.suppressed.map((finding) => finding.package).sort();
}

describe('OpenVEX', () => {
  it('keeps the rules of its specification', () => {
    assert.deepEqual(openVexMistakes(JSON.parse(openvex(input()))), []);
    assert.deepEqual(openVexMistakes(JSON.parse(openvex(input({}, 'plain')))), []);
  });

  it('says of each finding what can be done, or why it does not count', () => {
    const reasons = [
      undefined,
      undefined,
      IGNORED,
      vex({ justification: 'code_not_reachable', reason: 'dead code' }),
      vex({ justification: 'requires_configuration' }),
      vex(),
      vex({ status: 'fixed' }),
    ];
    const document = JSON.parse(openvex(scanOf(reasons, { name: 'lab/app:1', kind: 'oci' })));
    assert.deepEqual(openVexMistakes(document), []);
    const said = new Map(
      document.statements.map((each: { vulnerability: { name: string } }) => [each.vulnerability.name, each]),
    ) as Map<string, Record<string, string>>;
    const [unknown, open, ignored, dead, configured, bare, fixed] = reasons.map(
      (_, i) => said.get(`CVE-p${i}`)!,
    );
    assert.equal(unknown?.status, 'under_investigation');
    assert.deepEqual([open?.status, open?.action_statement], ['affected', 'Update p1 to 2 or later.']);
    assert.deepEqual(
      [ignored?.status, ignored?.action_statement],
      ['affected', 'ignored: so be it (i.yaml:2)'],
    );
    assert.deepEqual(
      [dead?.status, dead?.justification, dead?.impact_statement, dead?.status_notes],
      ['not_affected', 'vulnerable_code_not_in_execute_path', 'dead code', 'v.json: statements[0]'],
    );
    assert.deepEqual(
      [configured?.justification, configured?.impact_statement],
      [undefined, 'requires configuration'],
    );
    assert.equal(bare?.impact_statement, 'No reason was given.');
    assert.equal(fixed?.status, 'fixed');
  });

  it('names the image and the package in it', () => {
    const productOf = (target: ScanResult['target']) =>
      JSON.parse(openvex(scanOf([undefined], target))).statements[0].products;
    const digest = `sha256:${'0'.repeat(64)}`;
    const [image] = productOf({ name: 'quay.io/lab/app:1', kind: 'registry' });
    assert.equal(image['@id'], `pkg:oci/app@${digest}?repository_url=quay.io%2Flab%2Fapp`);
    assert.deepEqual(image.hashes, { 'sha-256': '0'.repeat(64) });
    assert.equal(image.subcomponents[0]['@id'], 'pkg:deb/debian/p0@1?distro=debian-12');
    assert.equal(productOf({ name: 'build/App', kind: 'oci' })[0]['@id'], `pkg:oci/app@${digest}`);
    for (const kind of ['dir', 'sbom'])
      assert.equal(productOf({ name: 'x', kind })[0]['@id'], 'pkg:deb/debian/p0@1?distro=debian-12');
  });

  it('has a name that depends on what it says, and not on when', () => {
    const idOf = (by: readonly (Suppression | undefined)[], at = NOW): string => {
      const scan = scanOf(by, { name: 'app:1', kind: 'oci' });
      return JSON.parse(openvex({ ...scan, view: { ...scan.view, created: at.toISOString() } }))['@id'];
    };
    assert.equal(idOf([undefined]), idOf([undefined], new Date(0)));
    assert.notEqual(idOf([undefined]), idOf([vex()]));
  });

  it('read again it leaves out what is not affected or fixed, and nothing else', () => {
    const verdict = fc.constantFrom(
      undefined,
      IGNORED,
      vex(),
      vex({ justification: 'vulnerable_code_not_present' }),
      vex({ status: 'fixed' }),
    );
    const target = fc.constantFrom(
      { name: 'quay.io/lab/app:1', kind: 'registry' },
      { name: 'build/image', kind: 'oci' },
      { name: '/srv/root', kind: 'dir' },
      { name: 'x (x.json)', kind: 'sbom' },
    );
    fc.assert(
      fc.property(fc.array(verdict, { minLength: 1, maxLength: 6 }), target, (by, where) => {
        const scan = scanOf(by, where);
        const want = by.flatMap((each, position) => (each?.kind === 'vex' ? [`p${position}`] : []));
        assert.deepEqual(suppressedBy(openvex(scan), scan), want);
      }),
      { numRuns: 60 },
    );
  });
});
