/** For tests of size: the report of a big image, with findings as a distribution has them: few sources, many packages of each. */
import { ecosystems } from '../../ecosystems/index.ts';
import { packageWire, reportWire, scanResult, vulnerabilityWire } from '../outcome/scan-result.fixture.ts';
import { matchesOf } from '../outcome/scan-result.ts';
import { sortMatches } from '../policy/sort-matches.ts';
import { formatInput } from './format-input.ts';
import { CREATED, DEBIAN } from './report.fixture.ts';
import type { FormatInput } from './view.ts';

/** The findings of the biggest image that was measured. */
export const MANY = 5161;

const PER_PACKAGE = 13;
const LEVELS = ['Critical', 'High', 'Medium', 'Low', 'Negligible', 'Unknown'] as const;

/** `count` findings in `count / 13` packages, each with a description and links of its own vulnerability. */
export function manyFindings(count = MANY): FormatInput {
  const names = Array.from({ length: Math.ceil(count / PER_PACKAGE) }, (_, n) => `lib-package-${n}`);
  const packages = names.map((name, n) => packageWire(name, `1:2.${n}.3-4+deb12u${n % 9}`));
  const hits: Record<string, string[]> = Object.fromEntries(names.map((name) => [name, []]));
  const vulnerabilities = new Map<string, ReturnType<typeof vulnerabilityWire>>();
  for (let n = 0; n < count; n++) {
    // Packages of one source share their vulnerabilities.
    const id = `CVE-2099-${10_000 + Math.floor(n / PER_PACKAGE / 3) * PER_PACKAGE + (n % PER_PACKAGE)}`;
    hits[names[Math.floor(n / PER_PACKAGE)]!]!.push(id);
    vulnerabilities.set(
      id,
      vulnerabilityWire(id, {
        description:
          `In the parser of ${id} a length is not checked, so that who sends a message can write beyond a buffer. `.repeat(
            3,
          ),
        links: `https://security-tracker.debian.org/tracker/${id} https://example.test/${id}`,
        fixed_in_version: n % 3 === 0 ? '' : `1:2.9.${n % 50}-1`,
        normalized_severity: LEVELS[n % LEVELS.length]!,
        issued: '2099-01-01T00:00:00Z',
      }),
    );
  }
  const environment = {
    package_db: 'var/lib/dpkg/status',
    introduced_in: `sha256:${'1'.repeat(64)}`,
    distribution_id: '1',
    repository_ids: null,
  };
  const report = reportWire({
    packages,
    vulnerabilities: [...vulnerabilities.values()],
    hits,
    distributions: { 1: DEBIAN },
    environments: Object.fromEntries(names.map((name) => [name, [environment]])),
  });
  const feeds = [
    {
      name: 'debian/updater',
      scope: 'debian:12',
      state: 'ok' as const,
      last_success: '2099-01-01T00:00:00Z',
      rows: 60_000,
      problems: 0,
    },
  ];
  const result = scanResult({ report, feeds, target: { name: 'registry.test/big:1', kind: 'registry' } });
  const matches = sortMatches(matchesOf(report, ecosystems), 'risk');
  return formatInput({ result, matches, ecosystems, now: CREATED }, CREATED);
}
