import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Secret } from '../lib/secret.ts';
import type { Digest } from '../model/digest.ts';
import { isHarbor } from './authenticate-harbor.ts';
import { chooseReportType } from './media-types.ts';
import { loginOf, readScanRequest } from './scan-request.ts';
import { harborReport, type ReportWire } from './vulnerability-report.ts';

const GENERIC = 'application/vnd.security.vulnerability.report; version=1.1';
const NATIVE = 'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0';
const SBOM = 'application/vnd.security.sbom.report+json; version=1.0';
const now = new Date('2099-01-02T03:04:05Z');

describe('the type of a report', () => {
  const cases: [accept: string | undefined, wantsSbom: boolean, type: string | undefined][] = [
    [undefined, false, GENERIC],
    ['', true, SBOM],
    ['*/*', false, GENERIC],
    ['*/*', true, SBOM],
    [NATIVE, false, NATIVE],
    ['application/vnd.scanner.adapter.vuln.report.harbor+json;version="1.0"', false, NATIVE],
    ['application/vnd.scanner.adapter.vuln.report.harbor+json', false, NATIVE],
    ['application/vnd.scanner.adapter.vuln.report.harbor+json; version=2.0', false, undefined],
    [`text/html, ${SBOM}; q=0.5`, false, SBOM],
    ['text/html', false, undefined],
  ];
  for (const [accept, wantsSbom, type] of cases) {
    it(`of ${accept} is ${type}`, () => assert.equal(chooseReportType(accept, wantsSbom), type));
  }
});

describe('the login of Harbor', () => {
  const login = { username: 'harbor', password: new Secret('p:w'), token: new Secret('token') };
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
  const cases: [headers: Record<string, string>, isIn: boolean][] = [
    [{ authorization: basic('harbor:p:w') }, true],
    [{ authorization: basic('harbor:pw') }, false],
    [{ authorization: 'Bearer token' }, true],
    [{ authorization: 'Bearer tokens' }, false],
    [{ 'x-scanneradapter-api-key': 'token' }, true],
    [{ 'x-scanneradapter-api-key': 'p:w' }, false],
    [{ authorization: 'Bearer ' }, false],
    [{}, false],
  ];
  for (const [headers, isIn] of cases) {
    it(`${JSON.stringify(headers)}: ${isIn}`, () => assert.equal(isHarbor(headers, login), isIn));
  }
  it('without a password is by token only', () => {
    const { token } = login;
    assert.equal(
      isHarbor({ authorization: basic('harbor:undefined') }, { username: 'harbor', token }),
      false,
    );
    assert.equal(
      isHarbor({ authorization: 'Bearer undefined' }, { username: 'harbor', password: token }),
      false,
    );
  });
});

describe('the login at the registry', () => {
  const cases: [header: string, login: unknown][] = [
    ['Basic cm9ib3Q6czpj', { username: 'robot', password: 's:c' }],
    ['Basic: cm9ib3Q6czpj', { username: 'robot', password: 's:c' }],
    ['Bearer abc', { registryToken: 'abc' }],
    ['Basic !!', undefined],
    ['Digest abc', undefined],
    ['', undefined],
  ];
  for (const [header, login] of cases) it(`of "${header}"`, () => assert.deepEqual(loginOf(header), login));
});

describe('a scan request', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  it('names the image by its digest, at a host of any name', () => {
    const body = {
      registry: { url: 'http://core:8080' },
      artifact: { repository: 'library/app', digest, tag: '1' },
    };
    const { source } = readScanRequest(JSON.stringify(body));
    assert.deepEqual(source, { host: 'core:8080', repository: 'library/app', name: digest, plainHttp: true });
  });
});

describe("Harbor's report", () => {
  const pkg = (name: string, version: string) => ({ name, version }) as ReportWire['packages'][string];
  const said = (updater: string, links: string, description = '') =>
    ({ updater, links, description }) as ReportWire['vulnerabilities'][string];
  const reportOf = (more: Partial<ReportWire> = {}) =>
    ({
      packages: { 1: pkg('lib', '1.0'), 2: pkg('lib', '1.0') },
      vulnerabilities: { 1: said('feed', 'https://a.example ftp://b https://a.example', 'words') },
      findings: [
        { package: '1', name: 'CVE-1', vulnerabilities: ['1'], severity: 'Low', fixed_in: '1.1' },
        { package: '2', name: 'CVE-1', vulnerabilities: ['1'], severity: 'High', fixed_in: '1.1' },
      ],
      ...more,
    }) as unknown as ReportWire;
  const made = (
    report: ReportWire,
    platform = '',
    more: { skipped?: string[]; showNotChecked?: boolean } = {},
  ) =>
    harborReport({
      artifact: { repository: 'team/app' },
      reports: [{ image: { manifest: 'sha256:a' as Digest, platform }, report }],
      skipped: [],
      showNotChecked: true,
      now,
      ...more,
    });

  it('has a vulnerability of a package once, as severe as the most severe', () => {
    const { severity, vulnerabilities } = made(reportOf());
    assert.equal(severity, 'High');
    assert.deepEqual(vulnerabilities, [
      {
        id: 'CVE-1',
        package: 'lib',
        version: '1.0',
        fix_version: '1.1',
        severity: 'High',
        description: 'words',
        links: ['https://a.example'],
        vendor_attributes: { sources: ['feed'] },
      },
    ]);
  });

  it('has CVSS in the places that Harbor knows', () => {
    const scores = [
      ['3.1', 'CVSS:3.1/AV:N', { score_v3: 7, vector_v3: 'CVSS:3.1/AV:N' }],
      ['2.0', 'AV:N/AC:L', { score_v2: 7, vector_v2: 'AV:N/AC:L' }],
      ['4.0', 'CVSS:4.0/AV:N', undefined],
    ] as const;
    for (const [version, vector, wanted] of scores) {
      const cvss = { score: 7, vector, version, source: 'NVD' };
      const [finding] = reportOf().findings!;
      const [item] = made(reportOf({ findings: [{ ...finding!, cvss }] })).vulnerabilities;
      assert.deepEqual(item!.preferred_cvss, wanted);
      assert.deepEqual(item!.vendor_attributes.cvss, cvss);
    }
  });

  it('shows what was not checked: one item for each kind and thing', () => {
    const entry = { kind: 'unread', what: 'java', reason: 'not a zip file', count: 1 } as const;
    const incomplete = [
      { ...entry, where: 'a.jar' },
      { ...entry, where: 'b.jar' },
      { kind: 'no-feed' as const, what: 'toy:1', where: '', reason: 'no feed covers it', count: 3 },
    ];
    const report = reportOf({ findings: [], incomplete });
    const { severity, vulnerabilities } = made(report, '', { skipped: ['sha256:b is missing'] });
    assert.equal(severity, 'Unknown');
    assert.deepEqual(
      vulnerabilities.map(({ id, package: name, version, description }) => [
        id,
        name,
        version,
        description.slice(0, 60),
      ]),
      [
        [
          'CLAIR-NOT-CHECKED',
          'java',
          'unread',
          'NOT CHECKED: java: not a zip file (a.jar, …), 2 packages or ',
        ],
        [
          'CLAIR-NOT-CHECKED',
          'toy:1',
          'no-feed',
          'NOT CHECKED: toy:1: no feed covers it, 3 packages or files. ',
        ],
        [
          'CLAIR-NOT-CHECKED',
          'image',
          'image of the index',
          'NOT CHECKED: image: sha256:b is missing. The absence of vuln',
        ],
      ],
    );
    assert.deepEqual(made(report, '', { showNotChecked: false }).vulnerabilities, []);
  });

  it("refuses a report without findings: Clair v4's would look clean", () => {
    const { findings: _, ...old } = reportOf();
    assert.throws(() => made(old as ReportWire), {
      code: 'service',
      message: /must be a matcher of this release/,
    });
  });
});
