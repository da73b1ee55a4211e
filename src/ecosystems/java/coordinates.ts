/** What an archive says that it is: by Maven's pom.properties, or by its manifest. */
import { readAttributes } from './manifest.ts';
import { artifactOfIvy } from './manifest-groups.ts';

/** `name` is `group:artifact`, or what is known of it. */
export interface Coordinates {
  readonly name: string;
  readonly version: string;
}

/** No index of a database takes longer ones, and no repository has them. */
const MAX_LENGTH = 512;

/** pom.properties has three lines and a comment. */
export const MAX_PROPERTIES = 64 * 1024;

/** Reads a `pom.properties`; undefined if it lacks one of group, artifact and version. */
export function ofProperties(content: Buffer): Coordinates | undefined {
  const values = new Map<string, string>();
  for (const line of content
    .subarray(0, MAX_PROPERTIES)
    .toString()
    .split(/\r\n|\n|\r/)) {
    // java.util.Properties: the key ends at "=" or ":", the last of several counts
    const [, key, value] = /^\s*(groupId|artifactId|version)\s*[=:](.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) values.set(key, value.trim());
  }
  return coordinates(...(['groupId', 'artifactId', 'version'] as const).map((key) => values.get(key)));
}

/** Of the three that Maven names an artifact by; undefined if one is missing, or cannot be one. */
export function coordinates(
  ...[group, artifact, version]: readonly (string | undefined)[]
): Coordinates | undefined {
  if (!isUsable(group) || !isUsable(artifact) || !isText(version)) return undefined;
  return { name: `${group}:${artifact}`, version };
}

// The first that can be one: makers of archives use these as they like.
const GROUPS = [
  'group-id',
  'bundle-symbolicname',
  'implementation-vendor-id',
  'implementation-vendor',
  'specification-vendor',
];
const ARTIFACTS = [
  'implementation-title',
  'specification-title',
  'bundle-name',
  'extension-name',
  'short-name',
];
const VERSIONS = ['bundle-version', 'implementation-version', 'plugin-version', 'specification-version'];

/** Reads a `META-INF/MANIFEST.MF`; undefined if it does not tell what the archive is. */
export function ofManifest(content: Buffer): Coordinates | undefined {
  return manifestCoordinates(readAttributes(content));
}

/** The same of its `attributes`. */
export function manifestCoordinates(attributes: ReadonlyMap<string, string>): Coordinates | undefined {
  // JAR File Specification, "Manifest Specification": every manifest begins with its version
  if (!/[0-9]/.test(attributes.get('manifest-version') ?? '')) return undefined;
  const group = GROUPS.map((name) => attributes.get(name))
    // OSGi Core, 3.2.1: directives follow the symbolic name after ";"
    .map((value, index) =>
      GROUPS[index] === 'bundle-symbolicname' ? value?.replace(/;.*$/s, '').trim() : value,
    )
    .find(isUsable);
  const artifact = ARTIFACTS.map((name) => attributes.get(name)).find(isUsable);
  const version = manifestVersion(attributes);
  const name = [group, artifact === group ? undefined : artifact]
    .filter((part) => part !== undefined)
    .join(':')
    .replace(/^:+|:+$/g, '');
  return name !== '' && isText(version) ? { name, version } : undefined;
}

/** The version that it tells, whatever it calls the archive. */
export function manifestVersion(attributes: ReadonlyMap<string, string>): string | undefined {
  return VERSIONS.map((name) => attributes.get(name)).find((value) => value !== '' && isText(value));
}

/** Whatever in a manifest may be the name of the artifact, alone or at the end. */
export function manifestNames(attributes: ReadonlyMap<string, string>): string[] {
  const titles = [...ARTIFACTS, 'bundle-symbolicname'].map((name) =>
    attributes.get(name)?.replace(/;.*$/s, '').trim(),
  );
  return [artifactOfIvy(attributes.get('implementation-title')), ...titles].filter(
    (value) => isUsable(value) && value.length <= 200,
  ) as string[];
}

/** Names have no spaces: what has is a title. */
function isUsable(value: string | undefined): value is string {
  return isText(value) && !/\s/.test(value);
}

function isText(value: string | undefined): value is string {
  return value !== undefined && value !== '' && value.length <= MAX_LENGTH && !/[\x00-\x1f\x7f]/.test(value);
}
