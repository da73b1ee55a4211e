/** Statements of any number of documents, asked about findings of one image. */
import type { PurlNames } from '../model/purl.ts';
import { type ImageIdentity, matchesImage, matchesPurl } from './match-purl.ts';
import type { VexProduct, VexStatement } from './statement.ts';

/** What a statement may be about. */
export interface VexSubject {
  /** All names of the vulnerability. */
  readonly ids: readonly string[];
  /** Package URLs by which the package is known: its own, that of its source package, those in the SBOM that was scanned. */
  readonly purls: readonly string[];
  /** References to it in that SBOM. */
  readonly refs?: readonly string[];
}

export interface ScannedImage extends ImageIdentity {
  /** CPEs of its distributions. */
  readonly platforms: readonly string[];
  /** The SBOM that was scanned: `urn:cdx:SERIAL/VERSION`, undefined if it has no serial number, and what its subject is: by reference and package URL. */
  readonly bom?: { readonly link?: string; readonly subject?: string; readonly purl?: string };
}

export interface VexIndex {
  /** The statement that holds; undefined: nobody said anything. */
  statementOn(subject: VexSubject): VexStatement | undefined;
  /** Those that were about nothing that was asked. */
  unused(): readonly VexStatement[];
}

/** What package URLs mean. */
export interface PurlReading {
  /** Writes those of all tools in one dialect. */
  readonly canonical: (purl: string) => string;
  readonly names: PurlNames;
}

/** Later statements, and those about a vulnerability by whichever of its names, go before older ones. */
export function createVexIndex(
  statements: readonly VexStatement[],
  image: ScannedImage,
  reading: PurlReading,
): VexIndex {
  const byId = new Map<string, VexStatement[]>();
  for (const statement of statements) {
    for (const id of new Set(statement.ids.map(nameOf))) {
      const list = byId.get(id);
      if (list === undefined) byId.set(id, [statement]);
      else list.push(statement);
    }
  }
  const used = new Set<VexStatement>();
  // Images are known by their places.
  const { purl = '' } = image.bom ?? {};
  const described = /^(?:$|pkg:(?:oci|docker)\/)/i.test(purl) ? [] : [purl, reading.canonical(purl)];
  return {
    unused: () => statements.filter((statement) => !used.has(statement)),
    statementOn({ ids, purls, refs = [] }) {
      const said = new Set(ids.flatMap((id) => byId.get(nameOf(id)) ?? []));
      if (said.size === 0) return undefined;
      const own = [...new Set([...purls, ...purls.map(reading.canonical)])];
      const names: Names = {
        refs: new Set(refs),
        isPurl: (wanted) => isOneOf(wanted, own, reading),
        isSubject: (wanted) => isOneOf(wanted, described, reading),
      };
      let newest: VexStatement | undefined;
      for (const statement of said) {
        if (!statement.products.some((product) => isAbout(product, names, image))) continue;
        used.add(statement);
        if (newest === undefined || isNewer(statement, newest)) newest = statement;
      }
      return newest;
    },
  };
}

function isOneOf(wanted: string, purls: readonly string[], { canonical, names }: PurlReading): boolean {
  return [wanted, canonical(wanted)].some((each) => purls.some((purl) => matchesPurl(each, purl, names)));
}

/** `@id` of OpenVEX is often a link that ends in the name. */
function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1).toUpperCase();
}

function isNewer(a: VexStatement, b: VexStatement): boolean {
  if (a.time !== b.time) return a.time > b.time;
  // Said at the same time: what leaves the finding standing is the safe side.
  return !suppresses(a) || suppresses(b);
}

/** Whether a finding that it is about does not count. */
export function suppresses({ status }: VexStatement): boolean {
  return status === 'not_affected' || status === 'fixed';
}

interface Names {
  readonly refs: ReadonlySet<string>;
  readonly isPurl: (wanted: string) => boolean;
  readonly isSubject: (wanted: string) => boolean;
}

function isAbout({ identifiers, parts, platform }: VexProduct, names: Names, image: ScannedImage): boolean {
  if (platform !== undefined && !image.platforms.some((each) => isSamePlatform(platform, each))) return false;
  const isPackage = (identifier: string): boolean =>
    names.isPurl(identifier) || names.refs.has(refIn(identifier, image));
  if (
    identifiers.some((identifier) => matchesImage(identifier, image) || isSubject(identifier, image, names))
  )
    return parts === undefined || parts.some(isPackage);
  return parts === undefined && identifiers.some(isPackage);
}

/** The SBOM as a whole, or the component that it describes. */
function isSubject(identifier: string, image: ScannedImage, names: Names): boolean {
  const { link, subject } = image.bom ?? {};
  const isWhole = link !== undefined && identifier.toLowerCase() === link.toLowerCase();
  if (names.isSubject(identifier)) return true;
  return isWhole || (subject !== undefined && subject !== '' && refIn(identifier, image) === subject);
}

/** CycloneDX, BOM-Link: what is behind the `#` if it is of the SBOM that was scanned; a reference alone as it is. */
function refIn(identifier: string, { bom }: ScannedImage): string {
  if (!/^urn:cdx:/i.test(identifier)) return identifier;
  const at = identifier.indexOf('#');
  const link = identifier.slice(0, at < 0 ? undefined : at);
  if (at < 0 || bom?.link === undefined || link.toLowerCase() !== bom.link.toLowerCase()) return '';
  return decoded(identifier.slice(at + 1));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Part, vendor, product and version of a CPE in either of its forms; a minor version counts to its major one. */
function isSamePlatform(wanted: string, actual: string): boolean {
  const [want, have] = [partsOf(wanted), partsOf(actual)];
  return want.length >= 3 && want.every((part, index) => part === '' || part === have[index]);
}

function partsOf(cpe: string): string[] {
  return cpe
    .replace(/^cpe:(2\.3:|\/)/i, '')
    .toLowerCase()
    .split(':')
    .slice(0, 4)
    .map((part) => (part === '*' ? '' : part));
}
