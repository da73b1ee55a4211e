/** Components of a document that are the same package, in one place or in several, as one package. */

import type { SbomComponent } from '../formats/sbom/document.ts';
import type { IndexedPackage } from '../model/index-report.ts';
import type { Environment } from '../model/package.ts';

/** How a document names one of its components; '' where it does not. */
export type ComponentName = Pick<SbomComponent, 'ref' | 'purl'>;

export interface Gathered {
  readonly indexed: IndexedPackage;
  /** The components that it is. */
  readonly components: readonly ComponentName[];
}

/** In the order in which they first come. */
export function gather(
  packages: readonly { readonly indexed: IndexedPackage; readonly component: SbomComponent }[],
): Gathered[] {
  const byContent = new Map<
    string,
    { pkg: IndexedPackage['package']; environments: Environment[]; components: ComponentName[] }
  >();
  for (const { indexed, component } of packages) {
    const { ref, purl } = component;
    const key = JSON.stringify(Object.entries(indexed.package).sort(([a], [b]) => (a < b ? -1 : 1)));
    let known = byContent.get(key);
    if (known === undefined)
      byContent.set(key, (known = { pkg: indexed.package, environments: [], components: [] }));
    known.environments.push(...indexed.environments);
    known.components.push({ ref, purl });
  }
  return [...byContent.values()].map(({ pkg, environments, components }) => ({
    indexed: { package: pkg, environments: distinct(environments) },
    components,
  }));
}

/** `values`, each once. */
export function distinct<T extends object>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
