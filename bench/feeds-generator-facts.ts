/** Made records of OSV's npm, the NVD and EPSS. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { makeZip } from '../src/formats/archives/zip.fixture.ts';
import {
  countOf,
  cve,
  type Day,
  type Files,
  packageName,
  pick,
  random,
  revision,
  text,
} from './feeds-generator-random.ts';

/** OSV's archive of npm: `count` advisories. */
export function npmZip(count: number, day: Day): Files {
  const members = Array.from({ length: countOf(day, count) }, (_, n) => {
    const id = `GHSA-${n.toString(36).padStart(4, '0')}-test-made`;
    const record = {
      schema_version: '1.6.0',
      id,
      modified: '2026-01-01T00:00:00Z',
      published: '2025-01-01T00:00:00Z',
      aliases: [cve(n)],
      summary: text(80, n),
      details: text(500, n),
      affected: [
        {
          package: { ecosystem: 'npm', name: packageName('npm', count / 2, n) },
          ranges: [
            {
              type: 'SEMVER',
              events: [{ introduced: '0' }, { fixed: `${n % 5}.${n % 13}.${revision(day, 'npm', n)}` }],
            },
          ],
        },
      ],
      references: [{ type: 'WEB', url: `https://github.com/advisories/${id}` }],
      database_specific: { severity: pick(['LOW', 'MODERATE', 'HIGH', 'CRITICAL'], 'severity', n) },
    };
    return { name: `${id}.json`, content: JSON.stringify(record) };
  });
  return {
    'osv-vulnerabilities.storage.googleapis.com/ecosystems.txt': 'npm\n',
    'osv-vulnerabilities.storage.googleapis.com/npm/all.zip': makeZip({ members }),
  };
}

const FIRST_YEAR = 2002;

/** The NVD's yearly files: `count` CVEs with a CVSS metric each. */
export function nvdYears(count: number, day: Day): Files {
  const files: Record<string, string | Buffer> = {};
  const years = Map.groupBy(
    Array.from({ length: countOf(day, count) }, (_, n) => n),
    (n) => Number(cve(n).slice(4, 8)),
  );
  for (let year = FIRST_YEAR; year <= new Date().getFullYear(); year++) {
    const json = JSON.stringify({
      format: 'NVD_CVE',
      version: '2.0',
      vulnerabilities: (years.get(year) ?? []).map((n) => ({ cve: nvdRecord(n, revision(day, 'nvd', n)) })),
    });
    const sum = createHash('sha256').update(json).digest('hex').toUpperCase();
    const file = `nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-${year}`;
    files[`${file}.json.gz`] = gzipSync(json);
    files[`${file}.meta`] =
      `lastModifiedDate:2026-01-0${day}T00:00:00-04:00\r\nsize:${json.length}\r\nsha256:${sum}\r\n`;
  }
  return files;
}

function nvdRecord(n: number, rev: number): object {
  const impact = pick(['NONE', 'LOW', 'HIGH'], 'impact', n);
  return {
    id: cve(n),
    sourceIdentifier: 'nvd@nist.gov',
    published: '2025-01-01T00:00:00.000',
    lastModified: `2026-01-0${1 + rev}T00:00:00.000`,
    vulnStatus: 'Analyzed',
    descriptions: [{ lang: 'en', value: text(300, n) }],
    metrics: {
      cvssMetricV31: [
        {
          source: 'nvd@nist.gov',
          type: 'Primary',
          cvssData: {
            version: '3.1',
            vectorString: `CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:${impact[0]}/I:${impact[0]}/A:H`,
            baseScore: 5 + rev + Math.floor(random('score', n) * 4),
            baseSeverity: 'HIGH',
            attackVector: 'NETWORK',
            attackComplexity: 'LOW',
            privilegesRequired: 'NONE',
            userInteraction: 'NONE',
            scope: 'UNCHANGED',
            confidentialityImpact: impact,
            integrityImpact: impact,
            availabilityImpact: 'HIGH',
          },
          exploitabilityScore: 3.9,
          impactScore: 3.6,
        },
      ],
    },
    references: [],
  };
}

/** EPSS: a score of each of `count` CVEs. */
export function scores(count: number): Files {
  const lines = Array.from(
    { length: count },
    (_, n) => `${cve(n)},${random('epss', n).toFixed(5)},${random('percentile', n).toFixed(5)}\n`,
  );
  const csv = `#model_version:v2025.03.14,score_date:2026-01-01T12:55:00Z\ncve,epss,percentile\n${lines.join('')}`;
  return { 'epss.cyentia.com/epss_scores-2026-01-01.csv.gz': gzipSync(csv) };
}
