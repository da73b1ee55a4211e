/** Package URLs of any tool in our own dialect, so that two for the same package can be compared. */
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { PurlMapping } from '../contract/purl-mapping.ts';
import type { Digest } from '../model/digest.ts';
import { formatPurl, type Purl, type PurlNames, parsePurl } from '../model/purl.ts';

/** By our own qualifier: those of others that say the same. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  distro: ['distro', 'os_name', 'os_version', 'os_distro'],
  rpmmod: ['rpmmod', 'modularitylabel'],
  upstream: ['upstream', 'sourcerpm', 'sourcename', 'source', 'sourceversion', 'origin'],
};

/** `text` as we write it; as it is if it is no package URL that an ecosystem reads. */
export function canonicalPurl(text: string, ecosystems: readonly Ecosystem[]): string {
  const purl = parsePurl(text);
  const mapping = purl && mappingOf(purl.type, ecosystems);
  const found = purl && mapping?.fromPurl(purl);
  if (purl === undefined || mapping === undefined || found === undefined) return text;
  const { distribution, repositories } = found;
  const own = mapping.toPurl(found.package, {
    packageDb: '',
    introducedIn: `sha256:${'0'.repeat(64)}` as Digest,
    ...(distribution && { distribution }),
    ...(repositories && { repositories }),
  });
  if (own === undefined) return text;
  const isOfSystem = repositories === undefined;
  const namespace = isOfSystem && distribution === undefined ? vendorOf(purl, mapping) : own.namespace;
  // What could not be read stays: without it more packages would be meant.
  const said = new Set(Object.entries(SAME).flatMap(([key, all]) => (own.qualifiers.has(key) ? all : [])));
  const kept = [...purl.qualifiers].filter(
    ([key, value]) =>
      !(isOfSystem && (said.has(key) || (key === 'epoch' && /^0*$/.test(value)))) &&
      !mapping.needless?.includes(`${key}=${value}`),
  );
  return formatPurl({ ...own, namespace, qualifiers: new Map([...kept, ...own.qualifiers]) });
}

/** purl-spec: types of no ecosystem here whose names have no case. */
const CASELESS: ReadonlySet<string> = new Set(['github', 'bitbucket', 'oci']);

/** How namespaces and names of package URLs are compared. */
export function purlNames(ecosystems: readonly Ecosystem[]): PurlNames {
  return (type, name) => {
    const mapping = mappingOf(type, ecosystems);
    if (mapping !== undefined) return mapping.folded?.(name) ?? name;
    return CASELESS.has(type) ? name.toLowerCase() : name;
  };
}

function mappingOf(type: string, ecosystems: readonly Ecosystem[]): PurlMapping | undefined {
  return ecosystems.find(({ purl }) => purl?.types.includes(type))?.purl;
}

/** The name of a distribution as os-release(5) has it, where only the namespace says it: `redhat` is `rhel`. */
function vendorOf({ namespace }: Purl, { distribution }: PurlMapping): string {
  return distribution?.(namespace, '9.0')?.did ?? namespace;
}
