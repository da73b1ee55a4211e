/** Made archives of OSV: npm and PyPI. */
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

const HOST = 'osv-vulnerabilities.storage.googleapis.com';

/** OSV's archives of npm and PyPI: so many advisories of each. */
export function osvArchives({ npm, pypi }: { readonly npm: number; readonly pypi: number }, day: Day): Files {
  return {
    [`${HOST}/ecosystems.txt`]: 'PyPI\nnpm\n',
    [`${HOST}/npm/all.zip`]: zipOf(npm, day, (n) => npmRecord(n, npm, day)),
    [`${HOST}/PyPI/all.zip`]: zipOf(pypi, day, (n) => pypiRecord(n, pypi, day)),
  };
}

interface OsvRecord {
  readonly id: string;
}

function zipOf(count: number, day: Day, record: (n: number) => OsvRecord): Buffer {
  const members = Array.from({ length: countOf(day, count) }, (_, n) => {
    const made = record(n);
    return { name: `${made.id}.json`, content: JSON.stringify(made) };
  });
  return makeZip({ members });
}

const DATES = {
  schema_version: '1.6.0',
  modified: '2026-01-01T00:00:00Z',
  published: '2025-01-01T00:00:00Z',
};

function npmRecord(n: number, count: number, day: Day): OsvRecord {
  const id = `GHSA-${n.toString(36).padStart(4, '0')}-test-made`;
  return {
    ...DATES,
    id,
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
  } as OsvRecord;
}

/** Half of the records of PyPI are about malicious packages: any version of a package of its own. */
const MALICIOUS = 0.5;
const VERSIONS = 53;

/** The sizes are the means of PyPI's records of 2026: texts, aliases, ranges and listed versions. */
function pypiRecord(n: number, count: number, day: Day): OsvRecord {
  const isMalicious = random('malicious', n) < MALICIOUS;
  const listed = isMalicious ? 2 : Math.round(2 * VERSIONS * random('versions', n));
  const fixes = 1 + Math.floor(random('fixes', n) * (isMalicious ? 1 : 3));
  const events = Array.from({ length: fixes }, (_, i) => [
    { introduced: i === 0 ? '0' : `${i}.0` },
    ...(isMalicious ? [] : [{ fixed: `${i}.${1 + (n % 17)}.${revision(day, 'pypi', n)}` }]),
  ]);
  const id = isMalicious ? `MAL-2025-${n}` : `PYSEC-${2016 + (n % 11)}-${n}`;
  return {
    ...DATES,
    id,
    ...(!isMalicious && { aliases: [cve(n), `GHSA-${n.toString(36).padStart(4, '0')}-pypi-made`] }),
    details: text(460, n),
    affected: [
      {
        package: {
          ecosystem: 'PyPI',
          name: isMalicious ? `malicious-${n.toString(36)}` : packageName('pypi', count / 4, n),
        },
        ranges: [{ type: 'ECOSYSTEM', events: events.flat() }],
        // In the ranges, as almost all are: one outside of them would be a row of its own.
        versions: Array.from({ length: listed }, (_, i) => `${i % fixes}.0.${Math.floor(i / fixes)}`),
      },
    ],
    references: Array.from({ length: 4 }, (_, i) => ({
      type: 'WEB',
      url: `https://example.com/${id}/${i}`,
    })),
  } as OsvRecord;
}
