/** Which release of endoflife.date a distribution of a report is. */
import type { Release } from '../../model/lifecycle.ts';
import type { Distribution, Package } from '../../model/package.ts';

/** How a distribution numbers its releases, and the word for what it sells or gives after the support for all. */
interface Numbering {
  readonly product: string;
  /** Of VERSION_ID. */
  readonly cycle: RegExp;
  readonly extended?: string;
}

const MAJOR = /^\d+/;
const BOTH = /^\d+\.\d+/;

const BY_DID: Readonly<Record<string, Numbering>> = {
  almalinux: { product: 'almalinux', cycle: MAJOR },
  alpine: { product: 'alpine-linux', cycle: BOTH },
  amzn: { product: 'amazon-linux', cycle: /^(?:\d{4}\.\d\d|\d+)/ },
  centos: { product: 'centos', cycle: MAJOR },
  debian: { product: 'debian', cycle: MAJOR, extended: 'LTS' },
  fedora: { product: 'fedora', cycle: MAJOR },
  mageia: { product: 'mageia', cycle: MAJOR },
  mariner: { product: 'cbl-mariner', cycle: BOTH },
  ol: { product: 'oracle-linux', cycle: MAJOR, extended: 'Extended Support' },
  'opensuse-leap': { product: 'opensuse', cycle: BOTH },
  rhel: { product: 'rhel', cycle: MAJOR, extended: 'ELS' },
  rocky: { product: 'rocky-linux', cycle: MAJOR },
  // Each service pack has an end of its own: where only the major release is known, nothing is.
  sles: { product: 'sles', cycle: BOTH, extended: 'LTSS' },
  'sl-micro': { product: 'suse-linux-micro', cycle: BOTH },
  'sle-micro': { product: 'suse-linux-micro', cycle: BOTH },
  'sle-micro-rancher': { product: 'suse-linux-micro', cycle: BOTH },
  sled: { product: 'sled', cycle: BOTH },
  'suse-microos': { product: 'suse-linux-micro', cycle: BOTH },
  ubuntu: { product: 'ubuntu', cycle: BOTH, extended: 'ESM' },
};

/** undefined: its releases have no ends that are known, or it does not say which one it is (rolling ones). */
export function releaseOf({ did, versionId, version }: Distribution): Release | undefined {
  const numbering = Object.hasOwn(BY_DID, did) ? BY_DID[did] : undefined;
  const cycle = numbering?.cycle.exec(versionId || version)?.[0];
  return numbering === undefined || cycle === undefined ? undefined : { product: numbering.product, cycle };
}

/** What a product calls its extended support. */
export function extendedName(product: string): string {
  return Object.values(BY_DID).find((each) => each.product === product)?.extended ?? 'extended support';
}

/** By the names that programs have in reports. */
const BY_PROGRAM: Readonly<Record<string, Numbering>> = {
  apache: { product: 'apache-http-server', cycle: BOTH },
  cassandra: { product: 'apache-cassandra', cycle: BOTH },
  drupal: { product: 'drupal', cycle: /^(?:[5-7](?=\.)|\d+\.\d+)/ },
  elasticsearch: { product: 'elasticsearch', cycle: MAJOR },
  elixir: { product: 'elixir', cycle: BOTH },
  erlang: { product: 'erlang', cycle: MAJOR },
  golang: { product: 'go', cycle: BOTH },
  grafana: { product: 'grafana', cycle: BOTH },
  haproxy: { product: 'haproxy', cycle: BOTH },
  kafka: { product: 'apache-kafka', cycle: BOTH },
  kibana: { product: 'kibana', cycle: MAJOR },
  logstash: { product: 'logstash', cycle: MAJOR },
  mariadb: { product: 'mariadb', cycle: BOTH },
  mongodb: { product: 'mongodb', cycle: BOTH },
  mysql: { product: 'mysql', cycle: BOTH },
  nextcloud: { product: 'nextcloud', cycle: MAJOR },
  nginx: { product: 'nginx', cycle: BOTH },
  node: { product: 'nodejs', cycle: MAJOR },
  openssl: { product: 'openssl', cycle: BOTH },
  perl: { product: 'perl', cycle: BOTH },
  php: { product: 'php', cycle: BOTH },
  postgresql: { product: 'postgresql', cycle: /^(?:[0-9]\.\d+|\d{2,})/ },
  python: { product: 'python', cycle: BOTH },
  rabbitmq: { product: 'rabbitmq', cycle: BOTH },
  redis: { product: 'redis', cycle: BOTH },
  ruby: { product: 'ruby', cycle: BOTH },
  tomcat: { product: 'tomcat', cycle: BOTH },
  valkey: { product: 'valkey', cycle: BOTH },
  wordpress: { product: 'wordpress', cycle: BOTH },
};

/** The release of a program by its name in reports; undefined: it has no ends that are known. */
export function releaseOfProgram({ name, version }: Package): Release | undefined {
  const numbering = Object.hasOwn(BY_PROGRAM, name) ? BY_PROGRAM[name] : undefined;
  const cycle = numbering?.cycle.exec(version)?.[0];
  return numbering === undefined || cycle === undefined ? undefined : { product: numbering.product, cycle };
}

/** The products whose ends are kept. */
export const PRODUCTS: ReadonlySet<string> = new Set([
  ...Object.values(BY_DID).map(({ product }) => product),
  ...Object.values(BY_PROGRAM).map(({ product }) => product),
]);
