/** Finds what a Bottlerocket image has: its software inventory, as it has no database of rpm, and its release. */
import type { Detection, Detector, LayerFile } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { fieldOf, identifierOf, readJsonFile } from '../../formats/json/file.ts';
import { parseOsRelease } from '../../formats/os/os-release.ts';
import { releaseText } from '../../formats/os/release-text.ts';
import { NO_DISTRIBUTION, type Package } from '../../model/package.ts';
import { withEpoch } from './databases/package.ts';
import { builtAs, listsNoFiles, packagesOf } from './databases/unlisted-files.ts';

const INVENTORY = 'usr/share/bottlerocket/application-inventory.json';

/** Where the root of a system is that was built for another architecture. */
const ROOTS = ['x86_64', 'aarch64'].map((arch) => `${arch}-bottlerocket-linux-gnu/sys-root/`);

const MAX_BYTES = 16 * 1024 * 1024;
const MAX_PACKAGES = 100_000;

// differs: a detector that Clair does not have: the software inventory of Bottlerocket
export const bottlerocketInventory: Detector = {
  id: 'bottlerocket',
  revision: '2',
  kind: 'package',
  paths: ['', ...ROOTS].map((root) => `${root}${INVENTORY}`),
  *read(layer): Generator<Detection> {
    for (const file of layer.files) {
      yield* packagesIn(file);
      yield listsNoFiles(file.path);
    }
  },
  owns(layer, _paths, programs) {
    const found = layer.files.flatMap((file) => packagesOf(packagesIn(file)));
    return builtAs(programs, found);
  },
};

// differs: Clair does not know this distribution (clair-indexing.md#unknown-distributions)
export const bottlerocketRelease: Detector = {
  id: 'bottlerocket-release',
  revision: '1',
  kind: 'distribution',
  paths: ROOTS.map((root) => `${root}usr/lib/os-release`),
  *read(layer): Generator<Detection> {
    for (const { path } of layer.files) {
      const values = parseOsRelease(releaseText(layer, path));
      if (values.get('ID')?.toLowerCase() !== 'bottlerocket') continue;
      const distribution = {
        ...NO_DISTRIBUTION,
        did: 'bottlerocket',
        name: values.get('NAME') ?? 'Bottlerocket',
        version: values.get('VERSION') ?? '',
        versionId: values.get('VERSION_ID') ?? '',
        prettyName: values.get('PRETTY_NAME') ?? 'Bottlerocket OS',
      };
      yield { found: 'distribution', distribution };
    }
  },
};

function* packagesIn(file: LayerFile): Generator<Detection> {
  const { path } = file;
  const place = { database: `bottlerocket:${path.slice(0, path.lastIndexOf('/'))}`, path };
  const problem = (reason: string): Detection => ({ found: 'problem', where: path, reason });
  let content: readonly unknown[];
  try {
    content = contentOf(file);
  } catch (error) {
    yield problem(messageOf(error));
    return;
  }
  yield { found: 'database', ...place };
  let unreadable = 0;
  for (const record of content.slice(0, MAX_PACKAGES)) {
    const found = packageOf(record);
    if (found === undefined) unreadable++;
    else yield { found: 'package', package: { ...found, ...place } };
  }
  if (unreadable > 0) yield problem(`${unreadable} of its packages have no readable name and version`);
  if (content.length > MAX_PACKAGES)
    yield problem(`the packages after the first ${MAX_PACKAGES} are not read`);
}

function contentOf(file: LayerFile): readonly unknown[] {
  const content = fieldOf(readJsonFile(file, MAX_BYTES), 'Content');
  if (!Array.isArray(content)) throw new TypeError('it has no list "Content"');
  return content;
}

function packageOf(record: unknown): Omit<Package, 'detector'> | undefined {
  const [name, version, release, arch] = ['Name', 'Version', 'Release', 'Architecture'].map((key) =>
    identifierOf(fieldOf(record, key)),
  );
  // Releases before 1.20 tell no epoch.
  const epoch = Number(fieldOf(record, 'Epoch') ?? 0);
  if (name === undefined || version === undefined || !Number.isSafeInteger(epoch) || epoch < 0)
    return undefined;
  return {
    name,
    version: withEpoch(epoch, release === undefined ? version : `${version}-${release}`),
    kind: 'binary',
    ...(arch === undefined ? {} : { arch }),
  };
}
