/**
 * Packages of Amazon Linux that come from repositories beside the core one: topics of `amazon-linux-extras`, and live
 * patches of kernels. Their advisories (`ALAS2NGINX1-…`, `ALAS2LIVEPATCH-…`) are in those repositories.
 */
import type { Scope } from '../../../model/advisory.ts';
import type { Distribution, Repository } from '../../../model/package.ts';
import { amazonRelease, scopeKeyOf } from './releases.ts';
import { rpmVersions } from './version.ts';

/** Versions that begin with `series` are of `topic`; '' are all others. */
type TopicOfSeries = readonly [series: string, topic: string];

interface ExtraPackages {
  readonly packages: RegExp;
  /** Their first version that an extra has; '': the core repository has none at all. */
  readonly from: string;
  readonly topics: readonly TopicOfSeries[];
}

const series = (name: string, numbers: readonly string[]): TopicOfSeries[] =>
  numbers.map((number) => [number, `${name}${number}`]);

/** Packages of Amazon Linux 2. Of docs.aws.amazon.com, "Amazon Linux 2 Extras", and `amazon-linux-extras list`. */
const EXTRAS: readonly ExtraPackages[] = [
  {
    packages: /^nginx(?:-.+)?$/,
    from: '',
    topics: [
      ['1.12', 'nginx1.12'],
      ['', 'nginx1'],
    ],
  },
  {
    packages: /^redis$/,
    from: '',
    topics: [
      ['4.0', 'redis4.0'],
      ['6', 'redis6'],
    ],
  },
  { packages: /^(?:docker|containerd|runc)$/, from: '', topics: [['', 'docker']] },
  { packages: /^ecs-init$/, from: '', topics: [['', 'ecs']] },
  { packages: /^aws-nitro-enclaves-cli(?:-.+)?$/, from: '', topics: [['', 'aws-nitro-enclaves-cli']] },
  { packages: /^(?:golang|golang-.+)$/, from: '1.19', topics: [['', 'golang1.19']] },
  { packages: /^(?:rust|cargo)(?:-.+)?$/, from: '1.47', topics: [['', 'rust1']] },
  { packages: /^python38(?:-.+)?$/, from: '', topics: [['', 'python3.8']] },
  { packages: /^ansible$/, from: '', topics: [['', 'ansible2']] },
  { packages: /^firefox$/, from: '', topics: [['', 'firefox']] },
  { packages: /^gimp$/, from: '', topics: [['', 'gimp']] },
  { packages: /^lynis$/, from: '', topics: [['', 'lynis']] },
  { packages: /^haproxy2$/, from: '', topics: [['', 'haproxy2']] },
  { packages: /^(?:corretto.*|java-1\.8\.0-amazon-corretto.*)$/, from: '', topics: [['', 'corretto8']] },
  { packages: /^java-11-openjdk.*$/, from: '', topics: [['', 'java-openjdk11']] },
  { packages: /^libreoffice(?:-.+)?$/, from: '5.3.7', topics: [['', 'libreoffice']] },
  {
    packages: /^php(?:-.+)?$/,
    from: '7',
    topics: series('php', ['7.1', '7.2', '7.3', '7.4', '8.0', '8.1', '8.2']),
  },
  {
    packages: /^postgresql(?:-.+)?$/,
    from: '9.3',
    topics: series('postgresql', ['9.6', '10', '11', '12', '13', '14']),
  },
  {
    packages: /^mariadb(?:-.+)?$/,
    from: '10',
    topics: [
      ['10.2', 'lamp-mariadb10.2-php7.2'],
      ['10.5', 'mariadb10.5'],
    ],
  },
  { packages: /^ruby(?:-.+|gems?(?:-.+)?)?$/, from: '2.4', topics: series('ruby', ['2.4', '2.6', '3.0']) },
  { packages: /^tomcat(?:-.+)?$/, from: '8', topics: series('tomcat', ['8.5', '9']) },
  { packages: /^squid(?:-.+)?$/, from: '4', topics: [['', 'squid4']] },
  { packages: /^memcached(?:-.+)?$/, from: '1.5', topics: [['', 'memcached1.5']] },
  { packages: /^unbound(?:-.+)?$/, from: '1.13', topics: series('unbound', ['1.13', '1.17']) },
  {
    packages: /^dnsmasq(?:-.+)?$/,
    from: '2.85',
    topics: [
      ['2.85', 'dnsmasq2.85'],
      ['', 'dnsmasq'],
    ],
  },
  { packages: /^emacs(?:-.+)?$/, from: '27', topics: [['', 'emacs']] },
  { packages: /^collectd(?:-.+)?$/, from: '', topics: [['', 'collectd']] },
  {
    packages: /^(?:kernel|kernel-(?:devel|headers|tools|modules-extra)(?:-.+)?|bpftool|perf|python-perf)$/,
    from: '5',
    topics: series('kernel-', ['5.4', '5.10', '5.15']),
  },
];

/** All topics, each with the series of versions that it alone has, '' if it may have any. */
export const EXTRA_TOPICS: ReadonlyMap<string, string> = new Map(
  EXTRAS.flatMap(({ topics }) => topics.map(([numbers, topic]) => [topic, numbers])),
);

const LIVEPATCH = /^kernel-livepatch(?:-.+)?$/;

const KEY = 'amazon-linux';

/** The scope of a repository beside the core one of `version`: `livepatch`, `extras-nginx1`. */
export function amazonBeside(version: string, name: string): Scope {
  const distribution = amazonRelease(version);
  return { key: `${scopeKeyOf(distribution)}:${name}`, distribution, repository: { name, key: KEY } };
}

/** The key of the scope of such a repository; undefined if it is another one. */
export function amazonBesideKey(
  distribution: Distribution | undefined,
  { key, name }: Repository,
): string | undefined {
  const release = distribution?.did === 'amzn' ? scopeKeyOf(distribution) : undefined;
  return key !== KEY || release === undefined ? undefined : `${release}:${name}`;
}

/**
 * The keys of the scopes that such a package of `scope` (`amzn:2`) is from; empty: it is of the core repository. Of a version
 * that is of no series that is known, all that it may be from.
 */
export function besideCore(scope: string, name: string, version: string): readonly string[] {
  if (!scope.startsWith('amzn:')) return [];
  if (LIVEPATCH.test(name)) return [`${scope}:livepatch`];
  if (scope !== 'amzn:2') return [];
  const extra = EXTRAS.find(
    ({ packages, from }) => packages.test(name) && (from === '' || isFrom(version, from)),
  );
  const topics = extra?.topics ?? [];
  const own = topics.find(([numbers]) => isOfSeries(version, numbers));
  return (own === undefined ? topics : [own]).map(([, topic]) => `${scope}:extras-${topic}`);
}

/** Whether a version, maybe with an epoch, begins with `numbers`. */
export function isOfSeries(version: string, numbers: string): boolean {
  const own = version.replace(/^\d+:/, '');
  return numbers === '' || (own.startsWith(numbers) && !/^\d/.test(own.slice(numbers.length)));
}

function isFrom(version: string, from: string): boolean {
  const [installed, first] = [rpmVersions.parse(version.replace(/^\d+:/, '')), rpmVersions.parse(from)];
  // What cannot be read may be of an extra: told as not checked.
  return installed === undefined || first === undefined || rpmVersions.compare(installed, first) >= 0;
}
