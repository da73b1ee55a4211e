/** Finds the modules that a Go program was linked from. */

import type { Detection, Detector, Entry, RandomAccessFile } from '../../contract/detector.ts';
import { isProgram } from '../../formats/programs/executable.ts';
import type { Repository } from '../../model/package.ts';
import { goProgramsIn } from './build-info.ts';
import { linkedCode } from './linked-code.ts';
import { packagesOf } from './packages.ts';

/** Where Go modules come from. */
export const GO_REPOSITORY: Repository = { name: 'go', uri: 'https://pkg.go.dev/' };

/** Characters of all linked code in one layer: some two hundred usual programs. What is over it is not told, and so unknown. */
const LAYER_BUDGET = 16 * 1024 * 1024;

/** Go programs and libraries: ELF, PE and Mach-O. */
// differs: Mach-O programs are read too; Clair reads ELF and PE only (clair-indexing.md#go-programs)
export const gobin: Detector = {
  id: 'gobin',
  revision: '12',
  kind: 'package',
  inspects: ({ type, mode, size }) => type === 'file' && (mode & 0o555) !== 0 && size >= 18,
  magic: isProgram,
  inspect: (file, entry) => inspect(file, entry, { left: LAYER_BUDGET }),
  perLayer() {
    const budget = { left: LAYER_BUDGET };
    return { inspect: (file, entry) => inspect(file, entry, budget) };
  },
};

function* inspect(file: RandomAccessFile, { path }: Entry, budget: { left: number }): Generator<Detection> {
  const programs = goProgramsIn(file);
  const infos = programs.map(({ info }) => info).filter((info) => info !== 'unreadable');
  if (infos.length < programs.length) {
    yield { found: 'problem', where: path, reason: 'a Go program whose build info cannot be read' };
  }
  if (infos.length === 0) return;
  const { packages, problems } = packagesOf(path, infos);
  for (const reason of problems) yield { found: 'problem', where: path, reason };
  for (const each of packages) yield { found: 'package', package: each };
  yield { found: 'repository', repository: GO_REPOSITORY };
  const code = budget.left > 0 ? linkedCode(file, programs) : undefined;
  if (code === undefined) return;
  budget.left -= JSON.stringify(code).length;
  if (budget.left > 0) yield { found: 'linked', database: `go:${path}`, path, code };
}
