/** Finds what dpkg has installed: its `status` file, wherever an `info` directory is beside it. */

import type { Detection, Detector, Entry, LayerFile, LayerView } from '../../contract/detector.ts';
import type { Deb822Stanza } from '../../formats/os/deb822.ts';
import { ownedByDpkg, tellsFiles } from './owned-files.ts';
import { packageOf, readStatus } from './status.ts';

const USUAL = 'var/lib/dpkg/status';

/** The detector `dpkg` of Clair. */
export const dpkg: Detector = {
  id: 'dpkg',
  revision: '11',
  kind: 'package',
  wants: ({ path, type }: Entry) =>
    (isStatus(path) && type !== 'directory' && type !== 'other') || (type === 'file' && tellsFiles(path)),
  *read(layer: LayerView): Generator<Detection> {
    for (const { file, usual } of databasesIn(layer)) {
      yield* readStatus(file, { skipsVcpkg: !usual, endsLines: true, read: installed });
    }
  },
  // differs: files that dpkg packages own are not reported as language packages; Clair does that for RPM only (clair-indexing.md#rpm-databases)
  owns(layer, paths) {
    const own = databasesIn(layer)
      .map(({ file }) => file)
      .filter(isOfDpkg);
    return ownedByDpkg(layer, own, paths);
  },
};

function isStatus(path: string): boolean {
  return path.endsWith('/status') || path === 'status';
}

interface StatusFile {
  readonly file: LayerFile;
  /** Where dpkg has it: elsewhere it may be another program's. */
  readonly usual: boolean;
}

function databasesIn(layer: LayerView): StatusFile[] {
  // Through links of folders: `var/lib/dpkg -> /usr/lib/sysimage/dpkg`.
  const place = layer.file(USUAL)?.path ?? USUAL;
  return layer.files.flatMap((file) => {
    if (!isStatus(file.path)) return [];
    // differs: a layer that only rewrites or empties the usual database has no `info` in it (clair-indexing.md#emptied-databases)
    const usual = file.path === place;
    if (!usual && !layer.has(file.path.replace(/status$/, 'info'), 'directory')) return [];
    return [{ file, usual }];
  });
}

/** Whether something is installed by what the file says. */
function isOfDpkg(file: LayerFile): boolean {
  return readStatus(file, { skipsVcpkg: true, endsLines: true, read: installed }).some(
    ({ found }) => found === 'package',
  );
}

/** Without files of the package. */
const ABSENT: ReadonlySet<string> = new Set(['not-installed', 'config-files']);
/** With its files, whether its scripts have run or not. */
const PRESENT: ReadonlySet<string> = new Set([
  'unpacked',
  'half-configured',
  'triggers-awaited',
  'triggers-pending',
  'installed',
]);

// dpkg(1): "want flag state", e.g. `install ok installed`, `hold ok installed`, `deinstall ok config-files`.
// differs: a package that is unpacked, or waits for scripts or triggers, counts as installed (clair-indexing.md#debian-packages)
function installed(stanza: Deb822Stanza) {
  const status = stanza.fields.get('status');
  const [, , state = '', ...more] = status?.split(/\s+/) ?? [];
  if (status && (more.length > 0 || !PRESENT.has(state))) {
    if (more.length === 0 && ABSENT.has(state)) return undefined;
    return state === 'half-installed'
      ? { reason: 'half-installed: some of its files may be there' }
      : { reason: `no status of dpkg: ${status.slice(0, 100)}` };
  }
  // differs: a stanza without a field that it needs is its own problem, not the end of the image (clair-indexing.md#one-bad-record)
  const missing = ['Package', 'Status', 'Version', 'Architecture'].filter(
    (name) => !stanza.fields.get(name.toLowerCase()),
  );
  return missing.length > 0 ? { reason: `no ${missing.join(', ')}` } : packageOf(stanza);
}
