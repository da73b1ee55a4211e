/** The classes of a Java archive, as its directory lists them: packages that have some, and hashes of their names. */
import { hashOfClass } from '../../formats/programs/function-hash.ts';
import { HashList } from '../../lib/hash-list.ts';
import { encodeFilter } from '../../lib/name-filter.ts';
import type { LinkedCode } from '../../model/linked-code.ts';

/** Where applications and archives for several releases have their classes. */
export const CLASSES_PREFIX = /^(?:(?:WEB-INF|BOOT-INF)\/classes\/|META-INF\/versions\/\d+\/|classes\/)/;

/** First letters of that: of an archive's thousands of names few have one. */
const PREFIX_STARTS = 'WBMc';

/** Ends of names. Agents rename classes that are not to be found by those that they watch: `.classdata`, `.esclazz`. */
const CLASS = /^(?:\w*cla(?:ss|zz)\w*|lombok)$/i;
/** What obfuscators call classes: `a`, `b`, `aa`. */
const REPLACED = /^[a-z]{1,2}$/i;
/** Of an archive whose classes nobody can tell: any may be there. */
export const UNKNOWN_CLASSES: LinkedCode = { platforms: [], packages: {}, relocatable: true };

/** Above that nothing is told: the largest archives have some 50,000 classes in 3,000 packages. */
const CLASSES_LIMIT = 200_000;
const PACKAGES_LIMIT = 20_000;
const PATHS_LIMIT = 1024 * 1024;
const NAME_LIMIT = 1000;
const END_LIMIT = 40;
/** Bytes of a class in the filter: one of 256 other names is taken for a member. */
const BYTES = 1.25;

/** Takes names of members in. */
export class ClassNames {
  /** By package: false if its classes have names that are not the source's. */
  readonly #packages = new Map<string, boolean>();
  readonly #hashes = new HashList();
  #paths = 0;
  #last = '';
  #isComplete = true;

  add(member: string): void {
    if (!isClass(member)) return;
    if (!this.#isComplete || member.length > NAME_LIMIT) {
      this.#isComplete = false;
      return;
    }
    const path = PREFIX_STARTS.includes(member.charAt(0)) ? member.replace(CLASSES_PREFIX, '') : member;
    const slash = path.lastIndexOf('/');
    const name = path.slice(0, endOfOuter(path, slash + 1));
    // Inner classes lie behind those that they are in.
    if (name === this.#last) return;
    this.#last = name;
    const folder = path.slice(0, Math.max(slash, 0));
    const outer = name.slice(slash + 1);
    const known = this.#packages.get(folder);
    if (known === undefined) this.#paths += folder.length;
    this.#packages.set(folder, (known ?? true) && !REPLACED.test(outer));
    this.#hashes.add(hashOfClass(outer));
    this.#isComplete =
      this.#hashes.length <= CLASSES_LIMIT &&
      this.#packages.size <= PACKAGES_LIMIT &&
      this.#paths <= PATHS_LIMIT;
  }

  /** undefined: it has none. */
  linkedCode(): LinkedCode | undefined {
    if (!this.#isComplete) return UNKNOWN_CLASSES;
    if (this.#hashes.length === 0) return undefined;
    const packages = [...this.#packages].filter(([, isOfSource]) => isOfSource);
    return {
      platforms: [],
      packages: { '': packages.map(([folder]) => folder.replaceAll('/', '.')).sort() },
      functions: encodeFilter(this.#hashes.all(), Math.ceil(this.#hashes.length * BYTES)),
      relocatable: true,
    };
  }
}

function isClass(member: string): boolean {
  if (member.endsWith('.class')) return true;
  const dot = member.lastIndexOf('.');
  return member.length - dot <= END_LIMIT && CLASS.test(member.slice(dot + 1));
}

/** Where the name of the outermost class ends that begins at `from`. */
function endOfOuter(path: string, from: number): number {
  let at = from;
  while (at < path.length && path[at] !== '.' && path[at] !== '$') at++;
  return at;
}
