/** Finds what dpkg has installed: its `status` file, wherever an `info` directory is beside it. */
import type { Deb822Stanza } from '../../formats/deb822.ts';
import type { Detector, Entry, Found, LayerView } from '../contract.ts';
import { packageOf, readStatus } from './status.ts';

const USUAL = 'var/lib/dpkg/status';

/** The detector `dpkg` of Clair. */
export const dpkg: Detector = {
  id: 'dpkg',
  revision: '7',
  kind: 'package',
  wants: ({ path, type }: Entry) => isStatus(path) && type !== 'directory' && type !== 'other',
  read: readDpkg,
};

function isStatus(path: string): boolean {
  return path.endsWith('/status') || path === 'status';
}

function* readDpkg(layer: LayerView): Generator<Found> {
  for (const file of layer.files) {
    // differs: a layer that only rewrites or empties the usual database has no `info` in it (indexing.md §9.5)
    const usual = file.path === USUAL;
    if (!usual && !layer.has(file.path.replace(/status$/, 'info'), 'directory')) continue;
    yield* readStatus(file, { skipsVcpkg: !usual, read: installed });
  }
}

// dpkg(1): "want flag state", e.g. `install ok installed`, `hold ok installed`, `deinstall ok config-files`.
function installed(stanza: Deb822Stanza) {
  const status = stanza.fields.get('status');
  const words = status?.split(/\s+/) ?? [];
  if (status && !(words.includes('ok') && words.includes('installed'))) return undefined;
  // differs: a stanza without a field that it needs is a problem of its own, not the end of the image (indexing.md §9.8)
  const missing = ['Package', 'Status', 'Version', 'Architecture'].filter(
    (name) => !stanza.fields.get(name.toLowerCase()),
  );
  return missing.length > 0 ? { reason: `no ${missing.join(', ')}` } : packageOf(stanza);
}
