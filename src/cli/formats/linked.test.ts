/** What every format says of findings whose vulnerable code is not in the program, or is. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ecosystems } from '../../ecosystems/index.ts';
import { type LinkedWire, linkedToWire } from '../../model/linked-code-wire.ts';
import { readSbom } from '../../sbom/read-sbom.ts';
import { openVexMistakes } from '../../vex/openvex-rules.fixture.ts';
import { packageWire, reportWire, scanResult, vulnerabilityWire } from '../outcome/scan-result.fixture.ts';
import { matchesOf } from '../outcome/scan-result.ts';
import { ORDERS, sortMatches } from '../policy/sort-matches.ts';
import { formatInput } from './format-input.ts';
import { FORMAT_NAMES, loadFormat } from './load-format.ts';
import { openvex } from './openvex.ts';
import type { FormatInput } from './view.ts';

const NOW = new Date('2099-01-01T00:00:00Z');
const NAMES = ['example.com/m/a.Do', 'example.com/m/b'];

const LINKED: LinkedWire = {
  package_db: 'go:app',
  introduced_in: `sha256:${'1'.repeat(64)}`,
  platforms: ['linux/amd64'],
  packages: { 'example.com/m': ['c'] },
};

function input(): FormatInput {
  const vulnerabilities = ['CVE-2099-1', 'CVE-2099-2'].map((id) =>
    vulnerabilityWire(id, { normalized_severity: id === 'CVE-2099-1' ? 'Critical' : 'Low' }),
  );
  const parts = { packages: [packageWire('example.com/m', 'v1.0.0', 'gobin')], vulnerabilities };
  const report = reportWire({ ...parts, hits: { 'example.com/m': ['CVE-2099-1', 'CVE-2099-2'] } });
  const [absent, there] = report.findings;
  const findings = [
    { ...absent!, linked: 'no' as const, linked_names: NAMES },
    { ...there!, linked: 'symbol' as const, linked_names: [NAMES[0]!] },
  ];
  const whole = { ...report, findings };
  const matches = sortMatches(matchesOf(whole, ecosystems), 'risk');
  return formatInput(
    { result: scanResult({ report: whole, linked: [LINKED] }), matches, ecosystems, now: NOW },
    NOW,
  );
}

describe('code that is not linked', () => {
  it('is last, whatever the order', () => {
    for (const order of ORDERS)
      assert.deepEqual(
        sortMatches(input().matches, order).map(({ vulnerability }) => vulnerability),
        ['CVE-2099-2', 'CVE-2099-1'],
        order,
      );
  });

  // Clair's own JSON has findings as the report has them; templates show what they like, and GitHub takes packages alone.
  const others = ['clair', 'template', 'github'];
  for (const name of FORMAT_NAMES.filter((each) => !others.includes(each)))
    it(`is told by ${name}`, async () => {
      const text = (await loadFormat(name))(input());
      assert.match(text, /not reachable by linking|vulnerable code is not in the program|"linked":"no"/);
    });

  it('is last and marked in the HTML report, which counts it', async () => {
    const html = (await loadFormat('html'))(input());
    assert.match(
      html,
      /<p[^>]*>1 finding not reachable by linking: the vulnerable code is not in the program\./,
    );
    const [rendered = ''] = html.split('id="data"');
    const marks = [...rendered.matchAll(/CVE-2099-\d|>not reachable by linking</g)].map(([mark]) => mark);
    assert.deepEqual(
      [marks.indexOf('CVE-2099-2') < marks.indexOf('CVE-2099-1'), marks.at(-1)],
      [true, '>not reachable by linking<'],
    );
  });

  it('is in the SBOMs that scan writes, for the next scan', async () => {
    for (const name of ['cyclonedx', 'spdx'] as const) {
      const { report } = readSbom(Buffer.from((await loadFormat(name))(input())), name, ecosystems);
      assert.deepEqual(report.linked?.map(linkedToWire), [LINKED], name);
    }
  });

  it('is not affected in OpenVEX and CycloneDX, with the reason', async () => {
    const vex = JSON.parse(openvex(input()));
    assert.deepEqual(openVexMistakes(vex), []);
    const [there, absent] = vex.statements;
    assert.equal(there.status, 'affected');
    assert.deepEqual(
      [absent.vulnerability.name, absent.status, absent.justification, absent.impact_statement],
      [
        'CVE-2099-1',
        'not_affected',
        'vulnerable_code_not_present',
        `The vulnerable code is not in the program: it lacks ${NAMES.join(', ')}.`,
      ],
    );
    const { vulnerabilities } = JSON.parse((await loadFormat('cyclonedx'))(input()));
    assert.deepEqual(
      vulnerabilities.map(
        (each: {
          analysis?: { state: string; justification: string };
          affects: { versions: { status: string }[] }[];
        }) => [each.analysis?.state, each.analysis?.justification, each.affects[0]?.versions[0]?.status],
      ),
      [
        [undefined, undefined, 'affected'],
        ['not_affected', 'code_not_present', 'unaffected'],
      ],
    );
  });
});
