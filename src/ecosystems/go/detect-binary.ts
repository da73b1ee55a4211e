/** Finds the modules that a Go program was linked from. */

import type { Detection, Detector, Entry, RandomAccessFile } from '../../contract/detector.ts';
import { isProgram } from '../../formats/programs/executable.ts';
import type { Repository } from '../../model/package.ts';
import { readBuildInfo } from './build-info.ts';
import { packagesOf } from './packages.ts';

/** Where Go modules come from. */
export const GO_REPOSITORY: Repository = { name: 'go', uri: 'https://pkg.go.dev/' };

/** Go programs and libraries: ELF, PE and Mach-O. */
// differs: Mach-O programs are read too; Clair reads ELF and PE only (clair-indexing.md#go-programs)
export const gobin: Detector = {
  id: 'gobin',
  revision: '10',
  kind: 'package',
  inspects: ({ type, mode, size }) => type === 'file' && (mode & 0o555) !== 0 && size >= 18,
  magic: isProgram,
  *inspect(file: RandomAccessFile, { path }: Entry): Generator<Detection> {
    const infos = readBuildInfo(file);
    const readable = infos.filter((info) => info !== 'unreadable');
    if (readable.length < infos.length) {
      yield { found: 'problem', where: path, reason: 'a Go program whose build info cannot be read' };
    }
    if (readable.length === 0) return;
    const { packages, problems } = packagesOf(path, readable);
    for (const reason of problems) yield { found: 'problem', where: path, reason };
    for (const each of packages) yield { found: 'package', package: each };
    yield { found: 'repository', repository: GO_REPOSITORY };
  },
};
