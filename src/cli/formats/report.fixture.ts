/** For tests: a report with everything in it that can be missing or hostile. */
import { ecosystems } from '../../ecosystems/index.ts';
import {
  missing,
  packageWire,
  reportWire,
  scanResult,
  vulnerabilityWire,
} from '../outcome/scan-result.fixture.ts';
import { matchesOf, type ScanResult } from '../outcome/scan-result.ts';
import { formatInput } from './format-input.ts';
import type { FormatInput } from './view.ts';

const HOSTILE = '<script>alert(1)</script>"\'&|`]]>\u202e\u0007{{x}}=cmd()';
const LAYER = `sha256:${'1'.repeat(64)}`;
/** When all of it is. */
export const CREATED = new Date('2099-01-01T12:34:56.789Z');

/** As a report writes it. */
export const DEBIAN = {
  id: '1',
  did: 'debian',
  name: 'Debian',
  version: '12',
  version_code_name: '',
  version_id: '12',
  arch: '',
  cpe: '',
  pretty_name: 'Debian 12',
};

/** Two findings, one of which cannot be decided, and everything in it that can be missing. */
export function input(more: Partial<ScanResult> = {}, text = HOSTILE): FormatInput {
  const environment = (path: string) => [
    { package_db: path, introduced_in: LAYER, distribution_id: '1', repository_ids: null },
  ];
  const report = reportWire({
    packages: [packageWire('curl', '1.0'), packageWire('odd', text)],
    vulnerabilities: [
      vulnerabilityWire('CVE-2099-1', {
        description: text,
        links: `https://example.com/1 javascript:alert(1) https://example.com/${encodeURI(text)}`,
        fixed_in_version: '1.1',
        normalized_severity: 'High',
        issued: '2099-01-01T00:00:00Z',
      }),
      vulnerabilityWire(`CVE-2099-2${text}`, { links: '', description: '', issued: '0001-01-01T00:00:00Z' }),
    ],
    hits: { curl: ['CVE-2099-1'] },
    undecided: { odd: [`CVE-2099-2${text}`] },
    distributions: { 1: DEBIAN },
    environments: { curl: environment('var/lib/dpkg/status'), odd: environment(`python:a b/${text}`) },
    aliases: { 'CVE-2099-1': ['GHSA-1'] },
    enrichments: {
      'message/x; enricher=clair.cvss': [
        {
          'CVE-2099-1': [
            { baseScore: 7.5, vectorString: 'CVSS:3.1/AV:N', version: '3.1', baseSeverity: 'HIGH' },
          ],
        },
      ],
    },
  });
  const result = scanResult({
    report,
    target: { name: text, kind: 'oci' },
    incomplete: [missing('npm', { reason: `no feed covers it ${text}`, packages: 3 })],
    problems: [{ source: 'dpkg', where: `var/lib/dpkg/status:7 ${text}`, reason: 'no version' }],
    feeds: [
      {
        name: 'debian/updater',
        scope: 'debian:12',
        state: 'stale',
        last_success: '2098-12-31T00:00:00Z',
        rows: 42,
        problems: 0,
      },
    ],
    ...more,
  });
  return formatInput(
    {
      result,
      matches: matchesOf(report, ecosystems),
      ecosystems,
      now: CREATED,
      color: false,
      template: {
        name: 't',
        text: '{{#incomplete}}{{what}}: {{reason}}{{/incomplete}}{{#problems}}{{where}}{{/problems}}{{#feeds}}{{name}}{{/feeds}}',
      },
    },
    CREATED,
  );
}
