/** What RustSec says of the code that is vulnerable (`affects` in its OSV records; rustsec/advisory-db, "Advisory Format"). */
import { rustPaths } from '../../formats/programs/rust-path.ts';
import { listOf, recordOf, textOf } from '../../model/json-object.ts';
import { readVulnerableCode, type VulnerableCode } from '../../model/vulnerable-code.ts';
import { knownArchitectures, knownSystems } from './platforms.ts';

/**
 * Returns functions by crate, systems and architectures of `ecosystem_specific`; undefined if it does not say any of them. `crate`:
 * the package, of which all is vulnerable if no functions are named.
 */
export function codeOf(specific: unknown, crate: string): VulnerableCode | undefined {
  const affects = recordOf(recordOf(specific).affects);
  const functions = listOf(affects.functions).map(textOf);
  const systems = knownSystems(listOf(affects.os).map(textOf));
  const architectures = knownArchitectures(listOf(affects.arch).map(textOf));
  if (functions.length === 0 && systems === undefined && architectures === undefined) return undefined;
  const where = { ...(systems && { goos: systems }), ...(architectures && { goarch: architectures }) };
  const symbols = new Map<string, string[]>();
  for (const each of functions) {
    const [[root, ...rest] = []] = rustPaths(each);
    // Nobody can tell where that is: it may be anywhere.
    if (root === undefined) return undefined;
    symbols.set(root, [...(symbols.get(root) ?? []), `::${rest.join('::')}`]);
  }
  if (symbols.size === 0) symbols.set(crate.replaceAll('-', '_'), []);
  return readVulnerableCode([...symbols].map(([path, names]) => ({ path, symbols: names, ...where })));
}
