/** The packages in archives of Electron: those that were put there whole. What was bundled into one script has no name. */
import type { Detection, Detector, RandomAccessFile } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { type AsarMember, asarMembers } from './asar.ts';
import { isPackageRoot, NPM } from './detect-package-json.ts';
import { packageAt, readManifest } from './package-manifest.ts';

const MAX_MANIFEST = 8 * 1024 * 1024;
/** Bytes of manifests that are read of the archives of a layer. */
const LAYER_BYTES = 512 * 1024 * 1024;

// differs: a detector that Clair does not have: packages in archives of Electron
export const electronArchives: Detector = {
  id: 'asar',
  revision: '1',
  kind: 'package',
  inspects: ({ path, type, size }) => type === 'file' && size > 0 && path.endsWith('.asar'),
  // One that is named so and begins otherwise is damaged: it is told.
  magic: () => true,
  inspect: (file) => packagesIn(file, { left: LAYER_BYTES }),
  perLayer() {
    const budget = { left: LAYER_BYTES };
    return { inspect: (file) => packagesIn(file, budget) };
  },
};

function* packagesIn(file: RandomAccessFile, budget: { left: number }): Generator<Detection> {
  const { path } = file;
  const problem = (where: string, reason: string): Detection => ({ found: 'problem', where, reason });
  let [count, isSound] = [0, true];
  try {
    for (const member of asarMembers((offset, length) => file.read(offset, length), file.size)) {
      try {
        if (!isWithin(member, file.size)) throw new Error('it is outside of the file');
        if (!isPackageRoot(member.path)) continue;
        count++;
        const found = packageOf(file, member, budget);
        if (found !== undefined) yield found;
      } catch (error) {
        isSound = false;
        yield problem(`${path}:${member.path.slice(0, 1000)}`, messageOf(error));
      }
    }
  } catch (error) {
    yield problem(path, messageOf(error));
    return;
  }
  if (count > 0) yield { found: 'repository', repository: NPM };
  else if (isSound)
    yield {
      found: 'problem',
      where: path,
      reason: 'an archive of Electron without packages: what was bundled into its scripts is not known',
      kind: 'note',
    };
}

/** What its directory says may be no number. */
function isWithin({ start, size }: AsarMember, end: number): boolean {
  return start > 0 && size >= 0 && start + size <= end;
}

/** undefined: that of a workspace, which was never published. Throws if it cannot be read. */
function packageOf(
  file: RandomAccessFile,
  { path: member, start, size }: AsarMember,
  budget: { left: number },
): Detection | undefined {
  if (size > MAX_MANIFEST) throw new Error(`bigger than ${MAX_MANIFEST} bytes`);
  budget.left -= size;
  if (budget.left < 0)
    throw new Error(`more than ${LAYER_BYTES} bytes of manifests in the archives of a layer`);
  const { name, version, isPrivate } = readManifest(file.read(start, size));
  if (name !== undefined && version !== undefined)
    return packageAt(file.path, name, version, `${file.path}:${member}`);
  if (isPrivate) return undefined;
  throw new Error('an installed package without name or version');
}
