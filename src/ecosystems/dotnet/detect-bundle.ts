/** Finds the NuGet packages of a .NET application that is one file: its `deps.json` is in it, as it would lie beside it. */

import type { Detection, Detector, RandomAccessFile } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { parseJson } from '../../formats/json/file.ts';
import { bundleOf } from '../../formats/programs/dotnet-host.ts';
import { executablesIn, isProgram } from '../../formats/programs/executable.ts';
import { MAX_FILE } from './deps-file.ts';
import { NUGET, packagesIn } from './detect-deps.ts';

/** Numbers of the header, and the id of the bundle behind them, which is a text of at most 255 bytes. */
const HEADER = 12 + 2 + 255 + 40;

/** docs of dotnet/designs, bundler: netcoreapp3.x is version 1, whose header does not say where the document is. */
const FIRST_VERSION = 2;

// differs: a detector that Clair does not have: .NET applications that are one file
export const bundles: Detector = {
  id: 'dotnet-bundle',
  revision: '1',
  kind: 'package',
  inspects: ({ type, size }) => type === 'file' && size >= 4096,
  magic: isProgram,
  *inspect(file, { path }): Generator<Detection> {
    const begin = bundleOf(file, executablesIn(file));
    if (begin === undefined || begin === 0) return;
    let any = false;
    for (const found of readBundle(file, path, begin)) {
      any ||= found.found === 'package';
      yield found;
    }
    if (any) yield { found: 'repository', repository: NUGET };
  },
};

function* readBundle(file: RandomAccessFile, path: string, begin: number): Generator<Detection> {
  try {
    const place = placeOf(file.read(begin, HEADER));
    // An application may have no packages, and no document then.
    if (place.size === 0) return;
    if (place.size > MAX_FILE || place.offset + place.size > file.size)
      throw new Error('its deps.json is not where it says');
    const text = file.read(place.offset, place.size).toString();
    yield* packagesIn(path, () => parseJson(text.replace(/^\uFEFF/, '')));
  } catch (error) {
    const reason = `a .NET application in one file that cannot be read: ${messageOf(error)}`;
    yield { found: 'problem', where: path, reason };
  }
}

/** Where the document is. Throws if the header is none, or of a version that does not say. */
function placeOf(header: Buffer): { readonly offset: number; readonly size: number } {
  if (header.length < 16) throw new Error('its header is cut');
  const version = header.readUInt32LE(0);
  if (version < FIRST_VERSION || version > 1000) throw new Error(`version ${version} of its header`);
  const at = 13 + header[12]!;
  return { offset: Number(header.readBigUInt64LE(at)), size: Number(header.readBigUInt64LE(at + 8)) };
}
