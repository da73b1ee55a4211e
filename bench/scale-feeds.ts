/** Feeds of a production-size folder, served as their upstreams serve them, and the configuration that finds them. */
import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type CorpusServer, serveCorpus } from '../test/conformance/corpus-server.ts';

/** Where the next day's files lie in a folder of feeds, beside `feeds`. */
export const NEXT_DAY = 'feeds-day2';
/** Stands in lists of changes for the time at which they are laid over the first day. */
const NOW = '@NOW@';

export interface FeedServer extends AsyncDisposable {
  readonly address: string;
  /** For `updaters`: the sets that are there, and where. */
  readonly updaters: { readonly sets: readonly string[]; readonly config: Readonly<Record<string, object>> };
  /** From now on it is the next day; false: there is none. */
  nextDay(): boolean;
}

/** Serves `folder`/feeds, and `folder`/feeds-day2 later. */
export async function serveFeeds(folder: string): Promise<FeedServer> {
  await using resources = new AsyncDisposableStack();
  const root = mkdtempSync(join(tmpdir(), 'clair-scale-feeds-'));
  resources.defer(() => rmSync(root, { recursive: true, force: true }));
  symlinkSync(resolve(folder, 'feeds'), join(root, 'feeds'));
  const server: CorpusServer = resources.use(await serveCorpus(root));
  const updaters = updatersOf(join(root, 'feeds'), server.address);
  const kept = resources.move();
  return {
    address: server.address,
    updaters,
    nextDay() {
      const source = join(folder, NEXT_DAY);
      if (!existsSync(source)) return false;
      cpSync(source, join(root, NEXT_DAY), { recursive: true });
      const now = `${new Date().toISOString().slice(0, 19)}+00:00`;
      for (const file of globSync('**/*.csv', { cwd: join(root, NEXT_DAY) })) {
        const path = join(root, NEXT_DAY, file);
        writeFileSync(path, readFileSync(path, 'utf8').replaceAll(NOW, now));
      }
      renameScores(join(root, NEXT_DAY), join(root, 'feeds'));
      server.overlay(NEXT_DAY);
      return true;
    },
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
}

/** Each day's scores have a name of their own; the service is configured with that of the first day. */
function renameScores(day: string, first: string): void {
  const [today, before] = [scoresIn(day), scoresIn(first)];
  if (today !== undefined && before !== undefined)
    renameSync(join(day, SCORES, today), join(day, SCORES, before));
}

const SCORES = 'epss.cyentia.com';

/** The name of the newest file of scores. */
function scoresIn(feeds: string): string | undefined {
  const folder = join(feeds, SCORES);
  return existsSync(folder) ? readdirSync(folder).sort().at(-1) : undefined;
}

/** Sets by the host that they are loaded from. */
const HOSTS: readonly [set: string, host: string][] = [
  ['alpine', 'secdb.alpinelinux.org'],
  ['aws', 'cdn.amazonlinux.com'],
  ['debian', 'security-tracker.debian.org'],
  ['oracle', 'linux.oracle.com'],
  ['osv', 'osv-vulnerabilities.storage.googleapis.com'],
  ['photon', 'packages.vmware.com'],
  ['rhel-vex', 'security.access.redhat.com'],
  ['suse', 'ftp.suse.com'],
  ['ubuntu', 'security-metadata.canonical.com'],
  ['clair.cvss', 'nvd.nist.gov'],
  ['clair.epss', SCORES],
  ['clair.kev', 'www.cisa.gov'],
];
const ORACLE_SINCE = 2007;
const PHOTON = ['1.0', '2.0', '3.0', '4.0', '5.0'];

function updatersOf(feeds: string, upstream: string): FeedServer['updaters'] {
  const at = (path: string) => `${upstream}/${path}`;
  const scores = scoresIn(feeds);
  const photon = 'packages.vmware.com/photon/photon_oval_definitions/com.vmware.phsa-photon';
  const years = Array.from(
    { length: new Date().getFullYear() - ORACLE_SINCE + 1 },
    (_, i) => ORACLE_SINCE + i,
  );
  const amazon = (url: string, host: string) => ({
    url: at(`${host}/${url}/mirror.list`),
    mirror_url: at(host),
  });
  return {
    sets: HOSTS.filter(([, host]) => existsSync(join(feeds, host))).map(([set]) => set),
    config: {
      alpine: { url: at('secdb.alpinelinux.org/') },
      debian: {
        mirror_url: at('debian-mirror/'),
        json_url: at('security-tracker.debian.org/tracker/data/json'),
      },
      ubuntu: { url: at('api.launchpad.net/1.0/'), oval_url: at('security-metadata.canonical.com/oval/') },
      osv: { url: at('osv-vulnerabilities.storage.googleapis.com/'), allowlist: dumpsIn(feeds) },
      'rhel-vex': { url: at('security.access.redhat.com/data/csaf/v2/vex/') },
      suse: { url: at('ftp.suse.com/pub/projects/security/oval/') },
      'clair.cvss': { feed_root: at('nvd.nist.gov/feeds/json/cve/2.0/') },
      'clair.kev': {
        feed: at('www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json'),
      },
      ...(scores !== undefined && { 'clair.epss': { url: at(`${SCORES}/${scores}`) } }),
      ...Object.fromEntries(
        years.map((year) => [
          `oracle-${year}-updater`,
          { url: at(`linux.oracle.com/security/oval/com.oracle.elsa-${year}.xml.bz2`) },
        ]),
      ),
      ...Object.fromEntries(
        PHOTON.map((release) => [
          `photon-updater-${release}`,
          { url: at(`${photon}${Number(release)}.xml`) },
        ]),
      ),
      'aws-AL1-updater': amazon('2018.03/updates/x86_64', 'repo.us-west-2.amazonaws.com'),
      'aws-AL2-updater': amazon('2/core/latest/x86_64', 'cdn.amazonlinux.com'),
      'aws-AL2023-updater': amazon('al2023/core/mirrors/latest/x86_64', 'cdn.amazonlinux.com'),
    },
  };
}

/** The ecosystems of OSV that are there. */
function dumpsIn(feeds: string): string[] {
  const folder = join(feeds, 'osv-vulnerabilities.storage.googleapis.com');
  return existsSync(folder)
    ? readdirSync(folder).filter((name) => existsSync(join(folder, name, 'all.zip')))
    : [];
}
