/**
 * The packages that Yarn (2 and later) leaves in archives: Plug'n'Play loads them from there, and there is no `node_modules`
 * (yarnpkg.com/features/caching, yarnpkg.com/features/pnp).
 */
import type { Detection, Detector, RandomAccessFile } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { openZip, type ZipEntry } from '../../formats/archives/zip.ts';
import { isPackageRoot, NPM } from './detect-package-json.ts';
import { packageAt, readManifest } from './package-manifest.ts';

/** The cache of a project, and that of a user: `lodash-npm-4.17.21-6382451519-8.zip`. */
const CACHED = /(?:^|\/)\.?yarn\/(?:berry\/)?cache\/[^/]+-[0-9a-f]{8,}-[0-9a-z]+\.zip$/i;

const MAX_MEMBERS = 200_000;
const MAX_MANIFEST = 8 * 1024 * 1024;

/** Of all archives in a layer together: most are found at the beginning of their directory. */
const LAYER_MEMBERS = 5_000_000;

// differs: a detector that Clair does not have: packages in the cache of Yarn
export const yarnCache: Detector = {
  id: 'yarn-cache',
  revision: '1',
  kind: 'package',
  inspects: ({ path, type, size }) => type === 'file' && size > 0 && CACHED.test(path),
  // Nothing else has such names there: one that is no archive is told.
  magic: () => true,
  inspect: (file) => packageIn(file, { left: LAYER_MEMBERS }),
  perLayer() {
    const budget = { left: LAYER_MEMBERS };
    return { inspect: (file) => packageIn(file, budget) };
  },
};

function* packageIn(file: RandomAccessFile, budget: { left: number }): Generator<Detection> {
  const { path, size } = file;
  try {
    const zip = openZip((offset, length) => file.read(offset, length), size, { entries: MAX_MEMBERS });
    const entry = manifestOf(zip.entries(), budget);
    if (entry === undefined) throw new Error('there is no package in it');
    const { name, version } = readManifest(zip.readEntry(entry, MAX_MANIFEST));
    if (name === undefined || version === undefined) throw new Error('a package without name or version');
    yield packageAt(path, name, version);
    yield { found: 'repository', repository: NPM };
  } catch (error) {
    yield { found: 'problem', where: path, reason: messageOf(error) };
  }
}

/** That of the package; those that are bundled with it lie in a `node_modules` of its own. */
function manifestOf(entries: Iterable<ZipEntry>, budget: { left: number }): ZipEntry | undefined {
  for (const entry of entries) {
    if (--budget.left < 0) throw new Error('too many files in the archives of a layer; the rest is not read');
    if (isPackageRoot(entry.name) && entry.name.split('node_modules/').length === 2) return entry;
  }
  return undefined;
}
