/** Distributions in archives that Python imports from: eggs, and applications with all that they need. */
import type { LayerFile } from '../../contract/detector.ts';
import { openZip } from '../../formats/archives/zip.ts';

/** Eggs (setuptools, "The Internal Structure of Python Eggs"); applications of zipapp, shiv and Pex. */
const ZIPPED = /\.(?:egg|pyzw?|pex)$/;

/** Of the egg itself; of what shiv (`site-packages/`) and Pex (`.deps/NAME.whl/`) put in. */
const METADATA = /^EGG-INFO\/PKG-INFO$|\.dist-info\/METADATA$|\.egg-info\/(?:PKG-INFO|METADATA)$/;

/** An archive begins as such, or with the line that runs it. */
const BEGINNINGS = ['PK', '#!'];
const MAX_ENTRIES = 100_000;
const MAX_METADATA = 4 * 1024 * 1024;
const MAX_TOTAL = 64 * 1024 * 1024;

export function isZipped(path: string): boolean {
  return ZIPPED.test(path);
}

/** Metadata of the distributions in it; none if it is something else: a link of `setup.py develop`, a script. Throws if it is damaged. */
export function* metadataIn(file: LayerFile): Generator<Buffer, void, void> {
  const begin = file.start(2).toString('latin1');
  if (!BEGINNINGS.includes(begin)) return;
  const zip = openZip((offset, length) => file.part(offset, length), file.size, { entries: MAX_ENTRIES });
  let total = 0;
  for (const entry of zip.entries()) {
    if (!METADATA.test(entry.name)) continue;
    total += entry.size;
    if (total > MAX_TOTAL) throw new Error(`the metadata of its packages has over ${MAX_TOTAL} bytes`);
    yield zip.readEntry(entry, MAX_METADATA);
  }
}
