/** What each view of the console costs over very many images: processor time of PostgreSQL and of the service, per request. */
import type { AddressInfo } from 'node:net';
import { connect, type Database } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { createServer } from '../src/http/server.ts';
import { noLog } from '../src/lib/log.ts';
import { ROLES } from '../src/matcher/console/access.ts';
import { advisory, toyEcosystem, toyFeed } from '../src/matcher/matcher.fixture.ts';
import { createMatcher } from '../src/matcher/matcher.ts';
import { MATCHER_SCHEMA } from '../src/schemas.ts';
import { mountConsole } from '../src/service/console.ts';
import type { Bench, Report } from './figures.ts';
import { fillConsole, KNOWN, madeVulnerabilities } from './made-console.ts';
import { quantile } from './measure.ts';
import { startServer } from './scale-postgres.ts';

const MANIFESTS = 50_000;
/** Requests of one address: the clock of processor time counts hundredths of a second. */
const REPEATS = 10;
/** Of a third, and of a hundredth, of the images. */
const LABELS = ['env:prod', 'env:dev', 'team:team-7'];
/** Addresses of one view. */
const ADDRESSES = 20;

export const benchConsole: Bench = async (report, { manifests = MANIFESTS }) => {
  await using server = await startServer();
  await using db = await connect(server.dsn('matcher'), { applicationName: 'bench' });
  await migrate(db, MATCHER_SCHEMA);
  await fillConsole(db, manifests, new Date());
  await measureViews(
    db,
    () => server.cpu(),
    (name, value, unit) => report(`${manifests}_${name}`, value, unit),
  );
};

/** `cpu`: seconds of processor time of PostgreSQL so far. */
export async function measureViews(db: Database, cpu: () => number, report: Report): Promise<void> {
  const now = new Date();
  const records = [...madeVulnerabilities()].map((each) => advisory(each.package, each.cve, { below: '99' }));
  const ecosystems = [toyEcosystem([toyFeed('toy/1', { records })])];
  const indexer = { indexReport: async () => undefined };
  const matcher = createMatcher({ db, ecosystems, enrichers: [], indexer, now: () => now });
  await matcher.updateFeeds({ signal: AbortSignal.timeout(600_000) });
  const app = createServer({ log: noLog });
  mountConsole(app, {
    ...{ db, matcher, ecosystems, now: () => now, sets: undefined, triage: 'show', operator: undefined },
    callerOf: () => ({ user: 'bench', roles: ROLES, auth: 'none' }),
    exportReport: async () => undefined,
  });
  try {
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const root = `http://127.0.0.1:${port}/matcher/api/v1/console/`;
    for (const [view, addresses] of await addressesOf(db)) {
      const costs: number[] = [];
      for (const address of addresses) costs.push(await costOf(cpu, root + address));
      report(`${view}_p50`, quantile(costs, 0.5), 'ms');
      report(`${view}_p95`, quantile(costs, 0.95), 'ms');
    }
  } finally {
    await app.close();
  }
}

/** Milliseconds of processor time of one request, the client's included. */
async function costOf(cpu: () => number, url: string): Promise<number> {
  await ask(url);
  const [postgres, own] = [cpu(), process.cpuUsage()];
  for (let n = 0; n < REPEATS; n++) await ask(url);
  const { user, system } = process.cpuUsage(own);
  return ((cpu() - postgres) * 1000 + (user + system) / 1000) / REPEATS;
}

async function ask(url: string): Promise<void> {
  const response = await fetch(url);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url}: ${response.status} ${text}`);
}

/** By view: addresses, from what most images have to what few have. */
async function addressesOf(db: Database): Promise<ReadonlyMap<string, readonly string[]>> {
  const listed = async (text: string): Promise<string[]> => {
    const rows = await db.query<{ value: string }>({ text });
    const step = Math.max(1, Math.floor(rows.length / ADDRESSES));
    return rows
      .filter((_, n) => n % step === 0)
      .slice(0, ADDRESSES)
      .map(({ value }) => value);
  };
  const cves = await listed(
    `select name as value from console_cve where images > 0 order by images desc limit 1000`,
  );
  const digests = await listed(
    'select digest as value from console_image order by risk_order desc limit 20000',
  );
  const newest = await listed(
    `select name as value from console_image where newest order by risk_order desc limit 2000`,
  );
  const packages = await listed(
    `select 'type=' || type || '&name=' || name as value from console_package where images > 0 order by images desc limit 1000`,
  );
  const pairs = digests.map((digest, n) => `base=${digest}&head=${digests[(n + 1) % digests.length]}`);
  const of = (parts: readonly string[], ...shapes: ((part: string) => string)[]) =>
    shapes.flatMap((shape) => parts.map(shape));
  return new Map([
    ['overview', ['overview', 'overview?tags=all', 'overview?since=7d']],
    [
      'overview_by_label',
      of(
        ['', '&tags=all', '&since=7d'],
        ...LABELS.map((label) => (more: string) => `overview?label=${label}${more}`),
      ),
    ],
    ['labels', ['labels', 'labels?tags=all', 'labels?q=prod']],
    ['trend', ['trend', 'trend?days=400']],
    [
      'images',
      of(
        ['', '&tags=all'],
        ...['-risk', '-critical', '-exploited', '-fixable', '-indexed', 'name', '-changed'].map(
          (sort) => (tags: string) => `images?sort=${sort}${tags}`,
        ),
        (tags) => `images?q=service-77${tags}`,
        (tags) => `images?incomplete=1${tags}`,
        (tags) => `images?exploited=1${tags}`,
        (tags) => `images?changed=1d${tags}`,
      ),
    ],
    [
      'image_counts',
      of(
        ['', '&tags=all'],
        ...['', 'q=service-7', 'q=service-77', 'incomplete=1', 'exploited=1', `label=${LABELS[0]}`].map(
          (filter) => (tags: string) => `image-counts?${filter}${tags}`,
        ),
      ),
    ],
    [
      'images_by_label',
      of(
        ['', '&tags=all', '&sort=-indexed', '&sort=name', '&q=service-7', '&incomplete=1', '&exploited=1'],
        ...[...LABELS, 'env:prod,team:team-7'].map(
          (label) => (more: string) => `images?label=${label}${more}`,
        ),
      ),
    ],
    ['image', of(digests, (digest) => `images/${digest}`)],
    ['image_by_name', of(newest, (name) => `image-by-name?name=${name}`)],
    ['image_packages', of(digests, (digest) => `images/${digest}/packages`)],
    ['image_findings', of(digests, (digest) => `images/${digest}/findings`)],
    ['image_coverage', of(digests, (digest) => `images/${digest}/coverage`)],
    ['compare', of(pairs, (pair) => `compare?${pair}`)],
    [
      'cves',
      of(
        ['', '&tags=all'],
        ...['-risk', '-severity', '-epss', '-images', 'id', '-first_seen'].map(
          (sort) => (tags: string) => `cves?sort=${sort}${tags}`,
        ),
        (tags) => `cves?q=common${tags}`,
        (tags) => `cves?severity=Critical,High&fix=yes${tags}`,
        (tags) => `cves?exploited=1${tags}`,
        (tags) => `cves?act_now=1${tags}`,
      ),
    ],
    [
      'cves_by_label',
      of(
        [
          '',
          '&tags=all',
          '&sort=-images',
          '&sort=id',
          '&q=common',
          '&act_now=1',
          '&severity=Critical,High&fix=yes',
        ],
        ...LABELS.map((label) => (more: string) => `cves?label=${label}${more}`),
      ),
    ],
    ['cve', of(cves, (cve) => `cves/${cve}`)],
    [
      'cve_images',
      of(
        cves,
        ...['affected', 'not_affected', 'unknown'].map(
          (state) => (cve: string) => `cves/${cve}/images?state=${state}`,
        ),
        (cve) => `cves/${cve}/images?tags=all`,
      ),
    ],
    [
      'cve_images_by_label',
      of(
        cves,
        ...LABELS.map((label) => (cve: string) => `cves/${cve}/images?label=${label}`),
        (cve) => `cves/${cve}/images?label=env:prod&tags=all`,
        (cve) => `cves/${cve}/images?label=env:prod&state=not_affected`,
        (cve) => `cves/${cve}/images?label=env:prod&state=unknown`,
        (cve) => `cves/${cve}/images?q=service-7`,
        (cve) => `cves/${cve}/images?q=service-77&tags=all`,
      ),
    ],
    [
      'packages',
      [
        ...['-fixable_risk', '-risk', '-images', '-findings', 'name'].map((sort) => `packages?sort=${sort}`),
        ...['packages?q=project', 'packages?q=common', 'packages?type=deb'],
      ],
    ],
    ['package', of(packages, (one) => `package?${one}`)],
    [
      'package_images',
      of(
        [
          `type=deb&name=${KNOWN.common}`,
          `type=deb&name=${KNOWN.kernel}`,
          `type=python&name=${KNOWN.rare}`,
          ...packages,
        ],
        (one) => `package/images?${one}`,
        (one) => `package/images?${one}&tags=all`,
      ),
    ],
    [
      'search',
      [
        'CVE-2030',
        cves[0]!,
        'common',
        'service',
        'team-7',
        'prod',
        'env prod team-7',
        'pkg:pypi/project-7',
      ].map((q) => `search?q=${q}`),
    ],
    ['feeds', ['feeds', 'feed?name=toy/1']],
    ['decisions', ['decisions', 'decisions?sort=-at', 'decisions.openvex.json']],
    ['notifications', ['notifications']],
  ]);
}
