/** Findings of a matcher on a real database: what is one, what it is called, and how it is rated. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { noLog } from '../../lib/log.ts';
import type { Advisory, VulnerabilityText } from '../../model/advisory.ts';
import { toWire } from '../../model/index-report-wire.ts';
import type { Severity } from '../../model/severity.ts';
import {
  advisory,
  indexReport,
  matcherDatabase,
  noHttp,
  text,
  toyEcosystem,
  toyEnricher,
  toyFeed,
} from '../matcher.fixture.ts';
import { createMatcher, type Matcher } from '../matcher.ts';
import type { FindingWire, VulnerabilityReportWire } from '../report/report-wire.ts';

const V3_HIGH = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H'; // 7.5
const V3_CRITICAL = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'; // 9.8
const V4_UNREPORTED = 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U'; // 8.1, its base 9.3

const SILENT = { severity: '', normalizedSeverity: 'Unknown' as Severity };

function said(
  pkg: string,
  name: string,
  more: Partial<VulnerabilityText>,
  bounds: Partial<Advisory> = {},
): Advisory {
  return advisory(pkg, name, { ...bounds, vulnerability: text(name, { ...SILENT, ...more }) });
}

const nvd = (baseSeverity: string, baseScore: number) => ({
  baseSeverity,
  baseScore,
  vectorString: `CVSS:3.1/${baseScore}`,
  version: '3.1',
});

describe('findings', () => {
  const open = new AsyncDisposableStack();
  let matcher: Matcher;
  after(() => open.disposeAsync());
  before(async () => {
    const db = open.use(await matcherDatabase());
    const records = [
      // Two databases, and a third that alone knows that they mean the same.
      said('twins', 'PYSEC-1', {}, { below: '3' }),
      said('twins', 'GHSA-1', { aliases: ['CVE-2020-1001'], normalizedSeverity: 'High' }, { below: '2' }),
      said('other', 'X-1', { aliases: ['PYSEC-1', 'GHSA-1'] }),
      // The same record twice.
      advisory('double', 'GHSA-2', { below: '1.5' }),
      advisory('double', 'GHSA-2', { from: '0.1', below: '2.5' }),
      // Errata: about two each, of which only one is a finding of its own.
      said('errata', 'ALSA-1', { aliases: ['CVE-2020-2001', 'CVE-2020-2002'] }, { below: '2' }),
      said('errata', 'ALSA-2', { aliases: ['CVE-2020-2002', 'CVE-2020-2003'] }, { below: '3' }),
      said('errata', 'ALSA-3', { aliases: ['CVE-2020-2003'] }, { below: '4' }),
      // About two, each of which has a record of its own.
      said('pair', 'GO-1', { aliases: ['CVE-2020-3001', 'CVE-2020-3002'] }, { below: '2' }),
      said('pair', 'GHSA-3', { aliases: ['CVE-2020-3001'] }),
      said('pair', 'GHSA-4', { aliases: ['CVE-2020-3002'] }),
      // Who rates what.
      said('own', 'CVE-2020-4001', { severity: 'minor', normalizedSeverity: 'Low' }),
      said('vector', 'CVE-2020-4002', { severity: V3_HIGH }),
      said('threat', 'GHSA-5', { severity: V4_UNREPORTED, normalizedSeverity: 'High' }),
      said('alias', 'PYSEC-6', { aliases: ['CVE-2020-4003'] }),
      said('elsewhere', 'GHSA-6', {
        aliases: ['CVE-2020-4003'],
        severity: V3_CRITICAL,
        normalizedSeverity: 'Critical',
      }),
      said('nvd', 'PYSEC-7', { aliases: ['CVE-2020-4004'] }),
      said('elsewhere', 'GHSA-7', { aliases: ['CVE-2020-4004'], severity: 'LOW', normalizedSeverity: 'Low' }),
      said('closure', 'PYSEC-8', {}),
      said('elsewhere', 'GHSA-8', { aliases: ['CVE-2020-4005', 'PYSEC-8'] }),
      said('word', 'PYSEC-9', { aliases: ['GHSA-9'] }),
      said('elsewhere', 'GHSA-9', { severity: 'HIGH', normalizedSeverity: 'High' }),
      said('nothing', 'PYSEC-10', {}),
      // One source can be compared, another cannot.
      advisory('doubt', 'GHSA-11', { below: 'odd' }),
      said('doubt', 'PYSEC-11', { aliases: ['GHSA-11'] }, { below: '2' }),
      advisory('onlydoubt', 'GHSA-12', { below: 'odd' }),
    ];
    const ecosystems = [toyEcosystem([toyFeed('toy/feed', { records })])];
    const cvss = toyEnricher('clair.cvss', {
      records: [
        { tag: 'CVE-2020-4001', data: nvd('CRITICAL', 9.8) },
        { tag: 'CVE-2020-4003', data: nvd('LOW', 2) },
        { tag: 'CVE-2020-4004', data: nvd('MEDIUM', 5) },
        { tag: 'CVE-2020-4005', data: nvd('HIGH', 8) },
      ],
    });
    const kev = toyEnricher('clair.kev', { records: [{ tag: 'CVE-2020-4005', data: {} }] });
    const epss = toyEnricher('clair.epss', { records: [{ tag: 'CVE-2020-4005', data: { epss: 0.25 } }] });
    matcher = createMatcher({
      db,
      ecosystems,
      enrichers: [cvss, kev, epss],
      now: () => new Date(),
      log: noLog,
      http: noHttp,
      indexer: { indexReport: async () => undefined },
    });
    await matcher.updateFeeds({ signal: new AbortController().signal });
  });

  async function reportOf(...names: string[]): Promise<VulnerabilityReportWire> {
    const wire = toWire(indexReport(names.map((name) => ({ name, version: '1' }))));
    return JSON.parse(String((await matcher.matchReport(wire)).body)) as VulnerabilityReportWire;
  }
  async function found(name: string): Promise<FindingWire[]> {
    return (await reportOf(name)).findings;
  }

  it('are one for all that alias each other, by what any loaded record says', async () => {
    const report = await reportOf('twins');
    assert.deepEqual(report.findings, [
      {
        package: Object.keys(report.packages)[0],
        name: 'CVE-2020-1001',
        aliases: ['GHSA-1', 'PYSEC-1', 'X-1'],
        vulnerabilities: ['1', '2'],
        severity: 'High',
        severity_source: 'toy/feed',
        fixed_in: '3',
        fixes: ['2', '3'],
      },
    ]);
    assert.deepEqual(
      Object.values(report.vulnerabilities).map(({ name }) => name),
      ['GHSA-1', 'PYSEC-1'],
    );
  });
  it('are one for a record that comes twice, with all its fixes', async () => {
    const [finding, ...rest] = await found('double');
    assert.deepEqual(
      [finding?.name, finding?.fixes, finding?.fixed_in, rest],
      ['GHSA-2', ['1.5', '2.5'], '2.5', []],
    );
  });
  it('keep errata apart that are about several vulnerabilities', async () => {
    const names = (await found('errata')).map(({ name, aliases = [] }) => `${name}: ${aliases.join(' ')}`);
    assert.deepEqual(names.sort(), [
      'ALSA-1: CVE-2020-2001 CVE-2020-2002',
      'ALSA-2: CVE-2020-2002 CVE-2020-2003',
      'CVE-2020-2003: ALSA-3',
    ]);
  });
  it('take a record about several for a source of each that has its own', async () => {
    const findings = await found('pair');
    assert.deepEqual(
      findings.map(({ name, vulnerabilities, fixed_in }) => [name, vulnerabilities.length, fixed_in]),
      [
        ['CVE-2020-3001', 2, '2'],
        ['CVE-2020-3002', 2, '2'],
      ],
    );
  });

  const ratings: [pkg: string, severity: Severity, source: string | undefined, score: number | undefined][] =
    [
      ['own', 'Low', 'toy/feed', 9.8],
      ['vector', 'High', 'toy/feed', 7.5],
      ['threat', 'High', 'toy/feed', 8.1],
      ['alias', 'Critical', 'GHSA-6', 9.8],
      ['nvd', 'Medium', 'NVD', 5],
      ['closure', 'High', 'NVD', 8],
      ['word', 'High', 'GHSA-9', undefined],
      ['nothing', 'Unknown', undefined, undefined],
    ];
  for (const [pkg, severity, source, score] of ratings) {
    it(`rate ${pkg} ${severity} by ${source}`, async () => {
      const [finding] = await found(pkg);
      assert.deepEqual(
        [finding?.severity, finding?.severity_source, finding?.cvss?.score],
        [severity, source, score],
      );
    });
  }
  it('have the facts of a CVE that only an alias names', async () => {
    const [finding] = await found('closure');
    assert.deepEqual([finding?.name, finding?.epss, finding?.exploited], ['CVE-2020-4005', 0.25, true]);
  });
  it('are decided if one source decides', async () => {
    const [finding, ...rest] = await found('doubt');
    assert.deepEqual(
      [finding?.name, finding?.undecided, finding?.fixed_in, rest],
      ['GHSA-11', undefined, '2', []],
    );
    assert.equal((await found('onlydoubt'))[0]?.undecided, true);
  });
  it('come most severe first', async () => {
    const findings = (await reportOf('nothing', 'own', 'alias', 'vector')).findings;
    assert.deepEqual(
      findings.map(({ severity }) => severity),
      ['Critical', 'High', 'Low', 'Unknown'],
    );
  });
});
