/** Finds packages of package managers of which no feed speaks, so that they are counted. */
import type { Detection, Detector, LayerFile } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { identifierOf } from '../../formats/json/file.ts';
import { RECORDS, type RecordKind } from './records.ts';

/** A record of conda lists all files of its package: the longest have 5 MiB. */
const MAX_BYTES = 16 * 1024 * 1024;

// differs: detectors that Clair does not have: packages of conda, CPAN, LuaRocks, Homebrew, Portage and opkg
export const recordDetectors: readonly Detector[] = RECORDS.map(
  (kind): Detector => ({
    id: kind.id,
    revision: '1',
    kind: 'package',
    wants: ({ path, type }) => type === 'file' && kind.is.test(path),
    *read(layer): Generator<Detection> {
      for (const file of layer.files) yield* packagesIn(file, kind);
    },
  }),
);

function* packagesIn(file: LayerFile, kind: RecordKind): Generator<Detection> {
  const { path } = file;
  try {
    if (file.size > MAX_BYTES) throw new Error(`bigger than ${MAX_BYTES} bytes`);
    let nameless = 0;
    for (const each of kind.read(path, file.read().toString())) {
      const [name, version] = [identifierOf(each.name), identifierOf(each.version)];
      if (name === undefined || version === undefined) nameless++;
      else
        yield {
          found: 'package',
          package: { name, version, kind: 'binary', database: `${kind.id}:${path}`, path },
        };
    }
    if (nameless > 0)
      yield {
        found: 'problem',
        where: path,
        reason: `${nameless} packages have no readable name and version`,
      };
  } catch (error) {
    yield { found: 'problem', where: path, reason: messageOf(error) };
  }
}
