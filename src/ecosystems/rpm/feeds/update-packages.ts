/** Which of the packages of an update are worth an advisory, and of what kind it is. */
import type { Advisory } from '../../../model/advisory.ts';

/** They hold symbols for debuggers, or what was compiled: nothing that runs. */
const SYMBOLS = /-debug(?:info|source)$/;

/**
 * `listsBuilds`: as `UpdateRules` has it. Then a source stands for all that was built of it, also what the update renamed;
 * binary packages are there for inventories that tell no source. undefined: nothing that an image has.
 */
export function builtFor(
  name: string,
  arch: string,
  listsBuilds: boolean,
): Pick<Advisory, 'kind' | 'arches'> | undefined {
  if (!listsBuilds) return { kind: 'binary', ...(arch === '' ? {} : { arches: [arch] }) };
  if (SYMBOLS.test(name)) return undefined;
  return { kind: arch === 'src' || arch === 'nosrc' ? 'source' : 'binary' };
}
