/**
 * Files of images whose list of packages names no files: nobody can tell which files are a package's. A program that the
 * list has in the same version is the distribution's; the rest stays where nobody accounts for it, and that is told.
 */
import type { Detection, OwnedFile, RecognisedPrograms } from '../../../contract/detector.ts';
import type { Package } from '../../../model/package.ts';

/** The packages among detections. */
export function packagesOf(detections: Iterable<Detection>): Package[] {
  return [...detections].flatMap((each) => (each.found === 'package' ? [each.package] : []));
}

/** A remark on the list at `where`: reports stay complete, as its packages are all checked. */
export function listsNoFiles(where: string): Detection {
  const reason = 'it lists packages without their files; the ledger cannot attribute files to them';
  return { found: 'problem', where, reason, kind: 'note' };
}

/** Where no distribution puts its files (FHS 3.0, 3.13 and 4.9). */
const ELSEWHERE = /^(?:usr\/local|opt|srv|home|root)\//;

/** Those of `programs` that are in `installed`. */
export function* builtAs(programs: RecognisedPrograms, installed: readonly Package[]): Generator<OwnedFile> {
  const names = new Map<string, string[]>();
  for (const { name, version, source } of installed) {
    const upstream = version.replace(/^\d+:/, '').replace(/-[^-]*$/, '');
    const own = names.get(upstream) ?? [];
    own.push(name, ...(source === undefined ? [] : [source.name]));
    names.set(upstream, own);
  }
  for (const [path, { name, version }] of programs) {
    if (ELSEWHERE.test(path)) continue;
    const isIn = names.get(version)?.some((each) => isNamed(each, name)) ?? false;
    if (isIn) yield { path, maker: 'perhaps' };
  }
}

/** `python3` and `python3-libs` are of `python`, `nodejs` is of `node`; `openssl` of `openssl-libs`. */
function isNamed(installed: string, program: string): boolean {
  return installed.toLowerCase().startsWith(program.toLowerCase());
}
