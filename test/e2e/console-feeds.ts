/** The images and feeds of a small company: all of them are made up. */
import { gzipSync } from 'node:zlib';
import { makeZip } from '../../src/formats/archives/zip.fixture.ts';
import type { Files } from './make-image.ts';

/** Dumps of OSV that are loaded. */
export const DUMPS = ['npm', 'PyPI', 'RubyGems', 'Go', 'Maven', 'crates.io', 'NuGet', 'Packagist'];
/** The vulnerability that everybody talks about: exploited, and of an alias. */
export const FAMOUS = { id: 'CVE-2099-4228', alias: 'GHSA-4228-aaaa-bbbb', package: 'log4js' } as const;
/** What one big image has: as many findings as the biggest that was measured. */
export const MANY = { packages: 397, each: 13 } as const;

export interface WorldImage {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly layers: readonly Files[];
}

/** Name and version of each installed package. */
type Packages = Readonly<Record<string, string>>;

const OS_RELEASE = [
  'NAME="Alpine Linux"',
  'ID=alpine',
  'VERSION_ID=3.40.3',
  'PRETTY_NAME="Alpine Linux v3.40"',
  '',
].join('\n');

/** A layer with Alpine and `packages`. */
function alpine(packages: Packages): Files {
  const entries = Object.entries(packages).map(
    ([name, version]) => `P:${name}\nV:${version}\nA:x86_64\no:${name}\n\n`,
  );
  return { 'etc/os-release': OS_RELEASE, 'lib/apk/db/installed': entries.join('') };
}

/** A layer with an application of Node. */
function node(packages: Packages): Files {
  return Object.fromEntries(
    Object.entries(packages).map(([name, version]) => [
      `app/node_modules/${name}/package.json`,
      JSON.stringify({ name, version }),
    ]),
  );
}

/** A layer with an application of Python. */
function python(packages: Packages): Files {
  return Object.fromEntries(
    Object.entries(packages).map(([name, version]) => [
      `usr/lib/python3/site-packages/${name}-${version}.dist-info/METADATA`,
      `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    ]),
  );
}

/** A layer with gems, whose feed fails. */
const GEMS: Files = Object.fromEntries(
  Object.entries({ pump: '1.2.0', valve: '0.9.1' }).map(([name, version]) => [
    `usr/lib/ruby/gems/3.4.0/specifications/${name}-${version}.gemspec`,
    `Gem::Specification.new do |s|\n  s.name = "${name}"\n  s.version = "${version}"\nend\n`,
  ]),
);

const BASE = alpine({
  openssl: '3.1.0-r0',
  curl: '8.1.0-r0',
  zlib: '1.2.13-r0',
  busybox: '1.36.0-r0',
});
const NEWER = alpine({
  openssl: '3.1.4-r0',
  curl: '8.5.0-r0',
  zlib: '1.3.0-r0',
  busybox: '1.36.1-r0',
});

export const IMAGES: readonly WorldImage[] = [
  {
    name: 'registry.test/shop/checkout:4.18.1',
    labels: { env: 'prod' },
    layers: [BASE, node({ log4js: '6.3.0', express: '4.17.0' })],
  },
  {
    name: 'registry.test/shop/checkout:4.18.2',
    labels: { env: 'prod', team: 'shop' },
    layers: [
      BASE,
      node({ log4js: '6.3.0', express: '4.19.2', lodash: '4.17.15' }),
      python({ django: '3.2.0' }),
    ],
  },
  {
    name: 'registry.test/shop/search:2.9.0',
    labels: { env: 'prod', team: 'shop' },
    layers: [BASE, node({ lodash: '4.17.15' })],
  },
  {
    name: 'registry.test/billing/ledger:11.4.0',
    labels: { env: 'prod', team: 'billing' },
    layers: [BASE, node({ log4js: '6.2.0' })],
  },
  {
    name: 'registry.test/billing/invoice:3.1.7',
    labels: { env: 'staging' },
    layers: [NEWER, python({ django: '3.2.0' })],
  },
  {
    name: 'registry.test/edge/gateway:1.44.0',
    labels: { env: 'prod' },
    layers: [NEWER, node({ log4js: '6.9.0' })],
  },
  { name: 'registry.test/ci/builder:1.26.0', labels: { env: 'ci' }, layers: [GEMS] },
  { name: 'registry.test/docs/site:2026', labels: { env: 'prod' }, layers: [NEWER] },
];

/** The image with very many findings. */
export const BIG: WorldImage = {
  name: 'registry.test/data/everything:1',
  layers: [alpine(Object.fromEntries(range(MANY.packages).map((n) => [`part-${n}`, '1.0.0-r0'])))],
};

function range(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

/** Fixes of Alpine: package -> version -> CVEs. */
const SECDB: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  openssl: { '3.1.4-r0': ['CVE-2099-1001', 'CVE-2099-1002', 'CVE-2099-1003', 'CVE-2099-1004'] },
  curl: { '8.4.0-r0': ['CVE-2099-1010', 'CVE-2099-1011'], '8.5.0-r0': ['CVE-2099-1012'] },
  zlib: { '1.3.0-r0': ['CVE-2099-1020'] },
  busybox: { '1.36.1-r0': ['CVE-2099-1030', 'CVE-2099-1031'] },
  ...Object.fromEntries(
    range(MANY.packages).map((n) => [
      `part-${n}`,
      { '1.0.1-r0': range(MANY.each).map((k) => `CVE-2098-${10_000 + n * MANY.each + k}`) },
    ]),
  ),
};

export interface Said {
  readonly id: string;
  readonly cve: string;
  readonly ecosystem: string;
  readonly package: string;
  readonly fixed?: string;
  readonly summary: string;
  readonly vector: string;
}

const WORST = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
const HIGH = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H';
const MEDIUM = 'CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:L/A:N';

const OSV: readonly Said[] = [
  {
    id: FAMOUS.alias,
    cve: FAMOUS.id,
    ecosystem: 'npm',
    package: FAMOUS.package,
    fixed: '6.4.0',
    vector: WORST,
    summary: 'A pattern in a log message runs code of whoever sent it',
  },
  {
    id: 'GHSA-4229-aaaa-bbbb',
    cve: 'CVE-2099-4229',
    ecosystem: 'npm',
    package: 'log4js',
    fixed: '6.5.0',
    vector: HIGH,
    summary: 'A recursive pattern in a log message stops the program',
  },
  {
    id: 'GHSA-3001-aaaa-bbbb',
    cve: 'CVE-2099-3001',
    ecosystem: 'npm',
    package: 'express',
    fixed: '4.19.0',
    vector: MEDIUM,
    summary: 'Redirects follow addresses of other hosts',
  },
  {
    id: 'GHSA-3010-aaaa-bbbb',
    cve: 'CVE-2099-3010',
    ecosystem: 'npm',
    package: 'lodash',
    fixed: '4.17.21',
    vector: HIGH,
    summary: 'A crafted key changes the prototype of all objects',
  },
  {
    id: 'GHSA-3011-aaaa-bbbb',
    cve: 'CVE-2099-3011',
    ecosystem: 'npm',
    package: 'lodash',
    vector: MEDIUM,
    summary: 'A long text keeps a regular expression busy',
  },
  {
    id: 'PYSEC-2099-501',
    cve: 'CVE-2099-5001',
    ecosystem: 'PyPI',
    package: 'django',
    fixed: '3.2.5',
    vector: WORST,
    summary: 'An order of columns is taken as SQL',
  },
  {
    id: 'PYSEC-2099-502',
    cve: 'CVE-2099-5002',
    ecosystem: 'PyPI',
    package: 'django',
    fixed: '3.2.14',
    vector: HIGH,
    summary: 'A large upload fills the memory',
  },
];

function osvRecord({ id, cve, ecosystem, package: name, fixed, summary, vector }: Said): object {
  return {
    id,
    aliases: [cve],
    modified: '2099-01-01T00:00:00Z',
    published: '2098-12-01T00:00:00Z',
    summary,
    details: `${summary}. Versions before ${fixed ?? 'the next one'} are affected.`,
    severity: [{ type: 'CVSS_V3', score: vector }],
    references: [{ type: 'ADVISORY', url: `https://advisories.test/${id}` }],
    affected: [
      {
        package: { ecosystem, name },
        ranges: [
          {
            type: ecosystem === 'npm' ? 'SEMVER' : 'ECOSYSTEM',
            events: [{ introduced: '0' }, ...(fixed === undefined ? [] : [{ fixed }])],
          },
        ],
      },
    ],
  };
}

const EPSS: Readonly<Record<string, number>> = {
  [FAMOUS.id]: 0.944,
  'CVE-2099-4229': 0.518,
  'CVE-2099-5001': 0.371,
  'CVE-2099-3010': 0.043,
  'CVE-2099-1001': 0.112,
  'CVE-2099-1010': 0.263,
};

/** What the upstream of `path` has; undefined: not here. */
export function feedAt(path: string, more: readonly Said[]): Buffer | string | undefined {
  const [, dump] = /^\/osv\/([^/]+)\/all\.zip$/.exec(path) ?? [];
  if (dump !== undefined) {
    const name = decodeURIComponent(dump);
    const records = [...OSV, ...more].filter(({ ecosystem }) => ecosystem === name);
    // A dump without any record is refused.
    if (records.length === 0)
      records.push({
        ...OSV[0]!,
        id: 'OSV-2099-1',
        cve: 'CVE-2099-9',
        ecosystem: name,
        package: 'nobody-has-it',
      });
    return makeZip({
      members: records.map((said) => ({ name: `${said.id}.json`, content: JSON.stringify(osvRecord(said)) })),
    });
  }
  if (path === '/epss.csv.gz') {
    const rows = Object.entries(EPSS).map(
      ([cve, score]) => `${cve},${score},${(0.5 + score / 2).toFixed(3)}`,
    );
    return gzipSync(
      `#model_version:v1,score_date:2098-12-31T00:00:00Z\ncve,epss,percentile\n${rows.join('\n')}\n`,
    );
  }
  if (path === '/kev.json')
    return JSON.stringify({
      catalogVersion: '2099.01.01',
      vulnerabilities: [{ cveID: FAMOUS.id, dateAdded: '2098-12-10', knownRansomwareCampaignUse: 'Known' }],
    });
  if (path === '/secdb/v3.40/main.json')
    return JSON.stringify({
      distroversion: 'v3.40',
      reponame: 'main',
      packages: Object.entries(SECDB).map(([name, secfixes]) => ({ pkg: { name, secfixes } })),
    });
  return undefined;
}
