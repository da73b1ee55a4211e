/** The list of packages in Composer's `installed.json`. */
import { fieldOf } from '../../formats/json/file.ts';

/** That of a big application has a few hundred packages, and 2 MiB. */
export const MAX_FILE = 64 * 1024 * 1024;

/** Composer 1 wrote the list alone, Composer 2 has it in an object. Throws if there is none. */
export function packageList(document: unknown): readonly unknown[] {
  const list: unknown = Array.isArray(document) ? document : fieldOf(document, 'packages');
  if (!Array.isArray(list)) throw new Error('it has no list of packages');
  return list;
}
