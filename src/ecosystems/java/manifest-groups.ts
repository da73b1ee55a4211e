/** Which groups of Maven a manifest hints at, the most telling first. */

const GROUP = /^[A-Za-z][\w-]*(?:\.[\w-]+)+$/;

/** Ivy's and Nebula's title: `io.micrometer#micrometer-core;1.8.4`. */
const IVY = /^([\w.-]+)#([\w.-]+);/;

/** `attributes`: of the manifest, by lower-case name; `artifact`: as the name of the file says it. */
export function groupsOf(attributes: ReadonlyMap<string, string>, artifact: string): string[] {
  const [title = '', symbolic = '', module = '', vendor = '', group = ''] = [
    'implementation-title',
    'bundle-symbolicname',
    'automatic-module-name',
    'implementation-vendor-id',
    'group-id',
  ].map((name) =>
    attributes
      .get(name)
      ?.replace(/;.*$/s, name === 'implementation-title' ? '$&' : '')
      .trim(),
  );
  const hints = [
    group,
    IVY.exec(title)?.[1] ?? '',
    before(symbolic, artifact),
    vendor,
    before(module, artifact.replaceAll('-', '.')),
    // The symbolic name of `com.h2database:h2` is the group alone.
    symbolic.includes('-') || !(symbolic.split('.').at(-1) ?? '').startsWith(artifact) ? '' : symbolic,
  ];
  return [...new Set(hints.filter((hint) => hint.length <= 200 && GROUP.test(hint)))];
}

/** The artifact that such a title names; undefined if it is none. */
export function artifactOfIvy(title: string | undefined): string | undefined {
  return IVY.exec(title ?? '')?.[2];
}

/**
 * maven-bundle-plugin makes `group.artifact` of both, but names what both share once: `org.apache.tomcat-juli` is
 * `org.apache.tomcat:tomcat-juli`.
 */
function before(name: string, artifact: string): string {
  if (!name.endsWith(artifact)) return shared(name, artifact);
  const group = name.slice(0, -artifact.length);
  if (!group.endsWith('.')) return '';
  const prefix = group.slice(0, -1);
  const [first = ''] = artifact.split(/[-.]/, 1);
  return SHORT.test(prefix) && artifact.length > first.length ? `${prefix}.${first}` : prefix;
}

/** Nobody's own: many have groups below these. */
const SHORT =
  /^(?:\w+|org\.apache|org\.eclipse|com\.google|com\.github|io\.github|net\.sf|org\.jboss|com\.sun)$/;

/** `io.netty.transport-native-epoll` of `netty-transport-native-epoll`. */
function shared(name: string, artifact: string): string {
  const [first = ''] = artifact.split('-', 1);
  const rest = artifact.slice(first.length + 1);
  return rest !== '' && name.endsWith(`.${first}.${rest}`) ? name.slice(0, -rest.length - 1) : '';
}

export { SHORT as SHARED_DOMAIN };
