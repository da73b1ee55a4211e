/** Made records of the NVD and EPSS. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import {
  countOf,
  cve,
  type Day,
  type Files,
  pick,
  random,
  revision,
  text,
} from './feeds-generator-random.ts';

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
