/**
 * Finds the packages of distroless images of Azure Linux and CBL-Mariner: their database of rpm is taken out, and a list of
 * what was in it put in its place.
 */
import type { Detection, Detector, LayerFile } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { CUT_IN_LINE, endsInLine, MOST_PACKAGES, MOST_TEXT, textLines } from '../../formats/os/text-lines.ts';
import type { Package } from '../../model/package.ts';
import { sourceOf, withEpoch } from './databases/package.ts';
import { builtAs, listsNoFiles, packagesOf } from './databases/unlisted-files.ts';

const PATH = 'var/lib/rpmmanifest/container-manifest-2';

// differs: a detector that Clair does not have: distroless images from Azure Linux, which have no database of rpm
export const packageManifest: Detector = {
  id: 'rpm-manifest',
  revision: '2',
  kind: 'package',
  paths: [PATH],
  *read(layer): Generator<Detection> {
    const file = layer.file(PATH);
    if (file === undefined) return;
    yield* packagesIn(file);
    yield listsNoFiles(PATH);
  },
  owns(layer, _paths, programs) {
    const file = layer.file(PATH);
    return file === undefined ? [] : builtAs(programs, packagesOf(packagesIn(file)));
  },
};

function* packagesIn(file: LayerFile): Generator<Detection> {
  const place = { database: `manifest:${PATH.slice(0, PATH.lastIndexOf('/'))}`, path: PATH };
  const problem = (reason: string): Detection => ({ found: 'problem', where: PATH, reason });
  const bytes = file.start(MOST_TEXT);
  let unreadable = 0;
  let first = '';
  yield { found: 'database', ...place };
  try {
    for (const line of textLines(bytes, MOST_PACKAGES)) {
      const found = packageOf(line);
      if (found !== undefined) yield { found: 'package', package: { ...found, ...place } };
      else if (line.trim() !== '' && unreadable++ === 0) first = line.slice(0, 100);
    }
  } catch (error) {
    yield problem(messageOf(error));
  }
  if (unreadable > 0)
    yield problem(`${unreadable} lines name no package, the first: ${JSON.stringify(first.toWellFormed())}`);
  if (file.size > bytes.length) yield problem(`what follows the first ${MOST_TEXT} bytes is not read`);
  else if (endsInLine(bytes)) yield problem(CUT_IN_LINE);
}

/** NAME, VERSION-RELEASE, INSTALLTIME, BUILDTIME, VENDOR, `(none)`, SIZE, ARCH, EPOCHNUM and SOURCERPM, with tabs between them. */
function packageOf(line: string): Omit<Package, 'detector'> | undefined {
  const [name = '', versionRelease = '', , , , , , arch = '', epochText = '', sourceRpm = ''] =
    line.split('\t');
  const epoch = epochText === '(none)' || epochText === '' ? 0 : Number(epochText);
  if (name === '' || !/^[^-]+-[^-]+$/.test(versionRelease) || !Number.isSafeInteger(epoch)) return undefined;
  const source = sourceOf(sourceRpm, versionRelease, epoch);
  return {
    name,
    version: withEpoch(epoch, versionRelease),
    kind: 'binary',
    ...(source === undefined ? {} : { source }),
    ...(arch === '' || arch === '(none)' ? {} : { arch }),
  };
}
