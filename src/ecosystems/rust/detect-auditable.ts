/** Finds the crates that a Rust program was linked from, if it was built by `cargo auditable`. */

import type { Detection, Detector } from '../../contract/detector.ts';
import { isProgram } from '../../formats/programs/executable.ts';
import type { Repository } from '../../model/package.ts';
import { readAuditData } from './audit-data.ts';
import { linkedCode } from './linked-code.ts';

/** Where Rust crates come from. */
export const CRATES: Repository = { name: 'crates.io', uri: 'https://crates.io/' };

/** Rust programs and libraries that say what they are made of. */
// differs: a detector that Clair does not have: Rust programs built by cargo-auditable
export const auditable: Detector = {
  id: 'cargo-auditable',
  revision: '3',
  kind: 'package',
  inspects: ({ type, mode, size }) => type === 'file' && (mode & 0o555) !== 0 && size >= 64,
  magic: isProgram,
  *inspect(file, { path }): Generator<Detection> {
    const data = readAuditData(file);
    if (data === undefined) return;
    for (const reason of data.problems) yield { found: 'problem', where: path, reason };
    for (const { name, version, source, root } of data.crates) {
      yield {
        found: 'package',
        package: {
          name,
          version,
          kind: 'binary',
          // What did not come from crates.io may only share a name with what did: it is shown, and where it came from.
          // The root is always `local`, also if it was downloaded to be installed.
          ...(source === 'crates.io' || root ? {} : { module: source }),
          database: `cargo:${path}`,
          path,
        },
      };
    }
    if (data.crates.length === 0) return;
    yield { found: 'repository', repository: CRATES };
    yield { found: 'linked', database: `cargo:${path}`, path, code: linkedCode(file) };
  },
};
