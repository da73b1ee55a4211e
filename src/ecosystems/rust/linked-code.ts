/** Tells which functions of its crates a Rust program has symbols of, and which systems it is for. */
import type { RandomAccessFile } from '../../contract/detector.ts';
import { executablesIn } from '../../formats/programs/executable.ts';
import { readNames } from '../../formats/programs/symbol-names.ts';
import { encodeFilter } from '../../lib/name-filter.ts';
import type { LinkedCode } from '../../model/linked-code.ts';
import { RustNames } from './function-names.ts';
import { platformsOf } from './platforms.ts';

/** Bytes of functions of a program, before base64. */
const FUNCTIONS_BUDGET = 40 * 1024;
/** Of a program with more of them only crates are kept. */
const FUNCTIONS_LIMIT = 400_000;
/** Bytes of names that are read of a program. */
const NAMES_LIMIT = 64 * 1024 * 1024;

/**
 * Returns what the programs of one file have, together. It is never all that they have: what was inlined has no symbol, nor has
 * anything in a program that was stripped.
 */
export function linkedCode(file: RandomAccessFile): LinkedCode {
  const programs = executablesIn(file);
  const names = new RustNames();
  let left = NAMES_LIMIT;
  for (const { offset, size } of programs.flatMap(({ symbolNames }) => symbolNames)) {
    if (size > left) continue;
    left -= size;
    // One that ends in the middle has named what it has up to there.
    readNames(file, offset, offset + size, names);
  }
  const platforms = programs.map(platformsOf);
  const hashes = names.hashes();
  return {
    // One that is not known may be any.
    platforms: platforms.every((each) => each.length > 0) ? [...new Set(platforms.flat())].sort() : [],
    packages: Object.fromEntries(
      names
        .crates()
        .sort()
        .map((crate) => [crate, ['']]),
    ),
    ...(hashes.length > 0 &&
      hashes.length <= FUNCTIONS_LIMIT && { functions: encodeFilter(hashes, FUNCTIONS_BUDGET) }),
    incomplete: true,
  };
}
