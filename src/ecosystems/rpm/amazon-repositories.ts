/**
 * Packages of Amazon Linux that come from repositories beside the core one: topics of `amazon-linux-extras`, and live
 * patches of kernels. Their advisories (`ALAS2NGINX1-…`, `ALAS2LIVEPATCH-…`) are in those repositories, which no feed reads.
 */
import { rpmVersions } from './version.ts';

/**
 * Packages of Amazon Linux 2 by their first version that an extra has; '': the core repository has none at all. Of
 * docs.aws.amazon.com, "Amazon Linux 2 Extras", and `amazon-linux-extras list`.
 */
const EXTRAS: readonly (readonly [packages: RegExp, from: string])[] = [
  [/^nginx(?:-.+)?$/, ''],
  [/^redis$/, ''],
  [/^(?:docker|containerd|runc|ecs-init|aws-nitro-enclaves-cli(?:-.+)?)$/, ''],
  [/^(?:golang|golang-.+)$/, '1.19'],
  [/^(?:rust|cargo)(?:-.+)?$/, '1.47'],
  [/^python38(?:-.+)?$/, ''],
  [/^ansible$/, ''],
  [/^(?:firefox|gimp|lynis|haproxy2|corretto.*|java-1\.8\.0-amazon-corretto.*|java-11-openjdk.*)$/, ''],
  [/^libreoffice(?:-.+)?$/, '5.3.7'],
  [/^php(?:-.+)?$/, '7'],
  [/^postgresql(?:-.+)?$/, '9.3'],
  [/^mariadb(?:-.+)?$/, '10'],
  [/^ruby(?:-.+|gems?(?:-.+)?)?$/, '2.4'],
  [/^tomcat(?:-.+)?$/, '8'],
  [/^squid(?:-.+)?$/, '4'],
  [/^memcached(?:-.+)?$/, '1.5'],
  [/^unbound(?:-.+)?$/, '1.13'],
  [/^dnsmasq(?:-.+)?$/, '2.85'],
  [/^emacs(?:-.+)?$/, '27'],
  [/^collectd(?:-.+)?$/, ''],
  [/^(?:kernel|kernel-(?:devel|headers|tools|modules-extra)(?:-.+)?|bpftool|perf|python-perf)$/, '5'],
];

const LIVEPATCH = /^kernel-livepatch(?:-.+)?$/;

/** The scope of such a package of `scope` (`amzn:2`); undefined: it is of the core repository. */
export function besideCore(scope: string, name: string, version: string): string | undefined {
  if (!scope.startsWith('amzn:')) return undefined;
  if (LIVEPATCH.test(name)) return `${scope}:livepatch`;
  if (scope !== 'amzn:2') return undefined;
  const isExtra = EXTRAS.some(
    ([packages, from]) => packages.test(name) && (from === '' || isFrom(version, from)),
  );
  return isExtra ? `${scope}:extras` : undefined;
}

function isFrom(version: string, from: string): boolean {
  const [installed, first] = [rpmVersions.parse(version.replace(/^\d+:/, '')), rpmVersions.parse(from)];
  // What cannot be read may be of an extra: told as not checked.
  return installed === undefined || first === undefined || rpmVersions.compare(installed, first) >= 0;
}
