/** Reads the dependency list that `cargo auditable` links into programs (format: documentation of cargo-auditable). */
import { inflateSync } from 'node:zlib';
import type { RandomAccessFile } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { fieldOf, identifierOf } from '../../formats/json/file.ts';
import { executablesIn } from '../../formats/programs/executable.ts';

/** A crate that was linked into a program. */
export interface Crate {
  readonly name: string;
  readonly version: string;
  /** `crates.io`, or where else it came from: `git`, `local`, `registry`, … */
  readonly source: string;
  /** The crate that the program was built from. */
  readonly root: boolean;
}

/** The crates of a file, and what of them could not be read. */
export interface AuditData {
  readonly crates: readonly Crate[];
  readonly problems: readonly string[];
}

const SECTION = '.dep-v0';
/** The list of a program with a thousand dependencies is about 100 KiB, compressed 20. */
const COMPRESSED_LIMIT = 4 * 1024 * 1024;
const JSON_LIMIT = 8 * 1024 * 1024;
const LISTS_LIMIT = 20;

/** undefined: the file has no such list, so it was not built by `cargo auditable` (or is no program). */
export function readAuditData(file: RandomAccessFile): AuditData | undefined {
  // A universal Mach-O file has a program, and so a list, for each architecture.
  const regions = executablesIn(file).flatMap(({ sections }) =>
    sections.filter(({ name }) => name === SECTION).map(({ region }) => region),
  );
  if (regions.length === 0) return undefined;
  const crates: Crate[] = [];
  const problems: string[] = [];
  if (regions.length > LISTS_LIMIT) problems.push(`it has over ${LISTS_LIMIT} sections ${SECTION}`);
  for (const { offset, size } of regions.slice(0, LISTS_LIMIT)) {
    try {
      if (size > COMPRESSED_LIMIT) throw new Error(`it is bigger than ${COMPRESSED_LIMIT} bytes`);
      const json = inflateSync(file.read(offset, size), { maxOutputLength: JSON_LIMIT });
      const { good, bad } = cratesOf(JSON.parse(json.toString()));
      for (const crate of good) crates.push(crate);
      if (bad > 0) problems.push(`${bad} of the crates in ${SECTION} have no readable name and version`);
    } catch (error) {
      problems.push(`the list of crates in ${SECTION} cannot be read: ${messageOf(error)}`);
    }
  }
  return { crates, problems };
}

function cratesOf(list: unknown): { good: Crate[]; bad: number } {
  const packages = fieldOf(list, 'packages');
  if (!Array.isArray(packages)) throw new Error('it has no list of packages');
  const good: Crate[] = [];
  let bad = 0;
  for (const each of packages) {
    // What only build scripts and macros used is not in the program.
    if (fieldOf(each, 'kind') === 'build') continue;
    const name = identifierOf(fieldOf(each, 'name'));
    const version = identifierOf(fieldOf(each, 'version'));
    if (name === undefined || version === undefined) bad++;
    else {
      const source = identifierOf(fieldOf(each, 'source')) ?? 'unknown';
      good.push({ name, version, source, root: fieldOf(each, 'root') === true });
    }
  }
  return { good, bad };
}
