/** Linked code in JSON, and the way back. */
import type { z } from 'zod';
import type { LinkedWire as LinkedSchema } from './api/index-report.ts';
import type { Digest } from './digest.ts';
import { isObject, listOf, recordOf, textOf } from './json-object.ts';
import type { LinkedProgram } from './linked-code.ts';

export type LinkedWire = z.infer<typeof LinkedSchema>;

export function linkedToWire(program: LinkedProgram): LinkedWire {
  const { packageDb, introducedIn, platforms, packages, functions, incomplete, relocatable, unnamedMain } =
    program;
  return {
    package_db: packageDb,
    introduced_in: introducedIn,
    platforms: [...platforms],
    packages: Object.fromEntries(Object.entries(packages).map(([module, paths]) => [module, [...paths]])),
    ...(functions !== undefined && { functions }),
    ...(incomplete && { incomplete }),
    ...(relocatable && { relocatable }),
    ...(unnamedMain !== undefined && { unnamed_main: unnamedMain }),
  };
}

/** undefined: it is nothing that can be relied on. What is not there may then be linked. */
export function linkedFromWire(value: unknown): LinkedProgram | undefined {
  const wire = recordOf(value);
  if (!isObject(wire.packages) || typeof wire.package_db !== 'string') return undefined;
  const packages = Object.entries(wire.packages).map(
    ([module, paths]) => [module, listOf(paths).map(textOf)] as const,
  );
  return {
    packageDb: wire.package_db,
    introducedIn: textOf(wire.introduced_in) as Digest,
    platforms: listOf(wire.platforms).map(textOf),
    packages: Object.fromEntries(packages),
    ...(typeof wire.functions === 'string' && { functions: wire.functions }),
    ...(wire.incomplete !== undefined && { incomplete: true }),
    ...(wire.relocatable !== undefined && { relocatable: true }),
    ...(typeof wire.unnamed_main === 'string' && { unnamedMain: wire.unnamed_main }),
  };
}
