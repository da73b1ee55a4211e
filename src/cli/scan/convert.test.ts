import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, it } from 'node:test';
import { FORMATS } from '../formats/all-formats.fixture.ts';
import { github } from '../formats/github.ts';
import { CREATED, input } from '../formats/report.fixture.ts';
import type { FormatInput } from '../formats/view.ts';
import { parseGate } from '../policy/gate.ts';
import { type PolicyOptions, verdictsOf } from '../policy/policy-options.ts';
import { createProgress } from '../terminal/progress.ts';
import { inputOf } from './convert-report.ts';
import { readReport } from './read-report.ts';
import { finish, judge } from './scan.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-convert-'));
after(() => rmSync(folder, { recursive: true }));
const quiet = createProgress(process.stderr, true);
const verdicts = (options: Partial<PolicyOptions> = {}) =>
  verdictsOf({ ignoreFile: false, ...options }, quiet, CREATED);

function file(content: string): string {
  const path = join(folder, 'report.json');
  writeFileSync(path, content);
  return path;
}

async function converted(text: string, options: Partial<PolicyOptions> = {}): Promise<FormatInput> {
  const read = await readReport(file(text), Readable.from([]));
  return inputOf(read, await verdicts(options));
}

const counts = ({ view: { findings, suppressed, summary } }: FormatInput) => ({
  findings: findings.map(({ id }) => id.slice(0, 10)),
  suppressed: suppressed.map(({ suppression }) => suppression.source),
  ...summary.hidden,
});

describe('a report that is converted', () => {
  it('is the same in every format as if the scan had written it', async () => {
    const scanned = judge(input().result, await verdicts(), { created: CREATED });
    const again = await converted(FORMATS.json(scanned));
    const same = { now: CREATED, template: { name: 't', text: '{{#findings}}{{id}}{{/findings}}' } };
    for (const [name, format] of Object.entries(FORMATS)) {
      assert.equal(format({ ...again, ...same }), format({ ...scanned, ...same }), name);
    }
  });

  it('keeps what was suppressed and hidden, and takes flags of its own', async () => {
    const ignore = join(folder, 'ignore.yaml');
    writeFileSync(ignore, 'ignore:\n  - id: CVE-2099-1\n    reason: because\n');
    const first = judge(input().result, await verdicts({ ignoreFile: [ignore] }), { created: CREATED });
    const again = await converted(FORMATS.json(first));
    assert.deepEqual(counts(again), counts(first));
    assert.deepEqual(counts(again).suppressed, [`${ignore}:2`]);

    const severity = new Set(['High'] as const);
    const high = judge(input().result, await verdicts({ severity }), { created: CREATED });
    const hidden = await converted(FORMATS.json(high));
    assert.deepEqual(counts(hidden), {
      findings: ['CVE-2099-1'],
      suppressed: [],
      unfixed: 0,
      fixed: 0,
      otherSeverity: 1,
    });
    assert.equal(hidden.counted.length, 2, 'what was hidden still counts for a gate');

    const all = FORMATS.json(judge(input().result, await verdicts(), { created: CREATED }));
    assert.deepEqual(counts(await converted(all, { severity })).otherSeverity, 1);
    const notFixed = await converted(all, { onlyNotfixed: true });
    assert.deepEqual([counts(notFixed).fixed, notFixed.counted.length], [1, 2]);
  });

  it('ends as the scan ended', async () => {
    const scanned = judge(input().result, await verdicts(), { created: CREATED });
    for (const failOn of [undefined, parseGate('high'), parseGate('critical')]) {
      const given = await verdicts(failOn ? { failOn } : {});
      const again = await converted(FORMATS.json(scanned), failOn ? { failOn } : {});
      assert.equal(finish(again, given, quiet), finish(scanned, given, quiet));
    }
    const clair = await converted(FORMATS.clair(scanned));
    assert.equal(clair.view.findings.length, 2);
  });

  it('is refused if it is none', async () => {
    const { report, ...rest } = JSON.parse(FORMATS.json(input()));
    const { findings, feeds, ...ofClair } = report;
    const cases: [string, RegExp][] = [
      ['', /is no report: it is not JSON/],
      ['[]', /is no report: write it with/],
      [JSON.stringify(rest), /is no report: report: missing/],
      [JSON.stringify(ofClair), /it lacks feeds, findings, as a report of Clair v4 does/],
      [JSON.stringify({ ...rest, report, suppressed: [{}] }), /is no report: .*suppressed/s],
      [
        '{"bomFormat":"CycloneDX","specVersion":"1.6"}',
        /it is an SBOM\. Scan it: clairctl scan --sbom-output FILE sbom:/,
      ],
    ];
    for (const [text, wanted] of cases)
      await assert.rejects(readReport(file(text), Readable.from([])), wanted, text.slice(-40));
    await assert.rejects(readReport(join(folder, 'none'), Readable.from([])), /cannot read the report/);
  });
});

describe('--format github', () => {
  it('is a snapshot of the packages, by the file that they are in, of a commit', () => {
    const env = {
      ...{ GITHUB_SHA: 'a'.repeat(40), GITHUB_REF: 'refs/heads/main', GITHUB_RUN_ID: '7' },
      ...{ GITHUB_WORKFLOW: 'ci', GITHUB_JOB: 'scan', GITHUB_SERVER_URL: 'https://github.com' },
      GITHUB_REPOSITORY: 'team/app',
    };
    const snapshot = JSON.parse(github(input({ target: { name: 'app', kind: 'oci' } }), env));
    assert.deepEqual(
      [snapshot.version, snapshot.sha, snapshot.ref, snapshot.job],
      [
        0,
        'a'.repeat(40),
        'refs/heads/main',
        { id: '7', correlator: 'ci scan app', html_url: 'https://github.com/team/app/actions/runs/7' },
      ],
    );
    const dpkg = snapshot.manifests['var/lib/dpkg/status'];
    assert.deepEqual(dpkg.file, { source_location: 'var/lib/dpkg/status' });
    assert.deepEqual(Object.keys(dpkg.resolved), ['curl@1.0']);
    assert.match(dpkg.resolved['curl@1.0'].package_url, /^pkg:deb\/debian\/curl@1\.0/);
    assert.throws(() => github(input(), {}), /GITHUB_SHA and GITHUB_REF/);
  });
});
