/** Tells of interpreters that no package brought: nobody has advisories about them under any name that is looked up. */
import type { Detection, Detector, RandomAccessFile } from '../../contract/detector.ts';
import { isProgram } from '../../formats/programs/executable.ts';

const NAME = /(?:^|\/)(?:node|nodejs|python([23]\.\d{1,2}))$/;
/** A build knows where its source is: `…/node-v20.11.1.tar.gz`. */
const SOURCE = Buffer.from('node-v');
const MAX_PLACES = 1000;

// differs: programs that no package brought are told (clair-indexing.md#what-an-index-report-has)
export const programs: Detector = {
  id: 'program',
  revision: '1',
  kind: 'package',
  inspects: ({ path, type, mode }) => type === 'file' && (mode & 0o111) !== 0 && NAME.test(path),
  magic: isProgram,
  *inspect(file): Generator<Detection> {
    const python = NAME.exec(file.path)?.[1];
    const name = python === undefined ? 'nodejs' : 'python';
    const version = python ?? versionOfNode(file);
    yield {
      found: 'problem',
      where: file.path,
      reason: `${name}${version && ` ${version}`}: a program that no package brought is not checked`,
      kind: 'unchecked-program',
      program: { name, version },
    };
  },
};

/** '' if it does not say. */
function versionOfNode(file: RandomAccessFile): string {
  let at = file.indexOf(SOURCE);
  for (let places = 0; at >= 0 && places < MAX_PLACES; places++) {
    const text = file.read(at + SOURCE.length, 24).toString('latin1');
    const version = /^\d{1,3}\.\d{1,3}\.\d{1,3}(?=\D)/.exec(text)?.[0];
    if (version !== undefined) return version;
    at = file.indexOf(SOURCE, at + 1);
  }
  return '';
}
