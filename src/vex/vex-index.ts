/** Statements of any number of documents, asked about findings of one image. */
import { type ImageIdentity, matchesImage, matchesPurl } from './match-purl.ts';
import type { VexProduct, VexStatement } from './statement.ts';

/** What a statement may be about. */
export interface VexSubject {
  /** All names of the vulnerability. */
  readonly ids: readonly string[];
  /** Package URLs by which the package is known: its own and that of its source package. */
  readonly purls: readonly string[];
}

export interface ScannedImage extends ImageIdentity {
  /** CPEs of its distributions. */
  readonly platforms: readonly string[];
}

export interface VexIndex {
  /** The statement that holds; undefined: nobody said anything. */
  statementOn(subject: VexSubject): VexStatement | undefined;
  /** Whether any statement was ever about anything that was asked. */
  readonly used: boolean;
}

/** Later statements, and those about a vulnerability by whichever of its names, go before older ones. */
export function createVexIndex(statements: readonly VexStatement[], image: ScannedImage): VexIndex {
  const byId = new Map<string, VexStatement[]>();
  for (const statement of statements) {
    for (const id of new Set(statement.ids.map(nameOf))) {
      const list = byId.get(id);
      if (list === undefined) byId.set(id, [statement]);
      else list.push(statement);
    }
  }
  let used = false;
  return {
    get used() {
      return used;
    },
    statementOn({ ids, purls }) {
      const said = new Set(ids.flatMap((id) => byId.get(nameOf(id)) ?? []));
      let newest: VexStatement | undefined;
      for (const statement of said) {
        if (!statement.products.some((product) => isAbout(product, purls, image))) continue;
        used = true;
        if (newest === undefined || isNewer(statement, newest)) newest = statement;
      }
      return newest;
    },
  };
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

function isAbout(
  { identifiers, parts, platform }: VexProduct,
  purls: readonly string[],
  image: ScannedImage,
): boolean {
  if (platform !== undefined && !image.platforms.some((each) => isSamePlatform(platform, each))) return false;
  const isPackage = (identifier: string): boolean => purls.some((purl) => matchesPurl(identifier, purl));
  if (identifiers.some((identifier) => matchesImage(identifier, image)))
    return parts === undefined || parts.some(isPackage);
  return parts === undefined && identifiers.some(isPackage);
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
