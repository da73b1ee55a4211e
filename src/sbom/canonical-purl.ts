/** Package URLs of any tool in our own dialect, so that two for the same package can be compared. */
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { PurlMapping } from '../contract/purl-mapping.ts';
import type { Digest } from '../model/digest.ts';
import { formatPurl, type Purl, parsePurl } from '../model/purl.ts';

/** Qualifiers that say what the type says already. */
const NOISE: Readonly<Record<string, ReadonlySet<string>>> = {
  maven: new Set(['type=jar']),
  golang: new Set(['type=module']),
};

/** By our own qualifier: those of others that say the same. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  distro: ['distro', 'os_name', 'os_version', 'os_distro'],
  rpmmod: ['rpmmod', 'modularitylabel'],
  upstream: ['upstream', 'sourcerpm', 'sourcename', 'source', 'sourceversion', 'origin'],
};

/** `text` as we write it; as it is if it is no package URL that an ecosystem reads. */
export function canonicalPurl(text: string, ecosystems: readonly Ecosystem[]): string {
  const purl = parsePurl(text);
  const mapping = purl && ecosystems.find(({ purl: own }) => own?.types.includes(purl.type))?.purl;
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
      !NOISE[purl.type]?.has(`${key}=${value}`),
  );
  return formatPurl({ ...own, namespace, qualifiers: new Map([...kept, ...own.qualifiers]) });
}

/** The name of a distribution as os-release(5) has it, where only the namespace says it: `redhat` is `rhel`. */
function vendorOf({ namespace }: Purl, { distribution }: PurlMapping): string {
  return distribution?.(namespace, '9.0')?.did ?? namespace;
}
