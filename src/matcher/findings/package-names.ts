/** What the console, and decisions, call the packages of a report. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { IndexedPackage } from '../../model/index-report.ts';

/** What people call the packages that a detector finds. */
export function typesOf(ecosystems: readonly Ecosystem[]): (indexed: IndexedPackage) => string {
  const types = new Map(
    ecosystems.flatMap(({ detectors, type }) =>
      detectors.filter(({ kind }) => kind === 'package').map(({ id }) => [id, type ?? id] as const),
    ),
  );
  return ({ package: { detector } }) => {
    const id = detector?.split(':')[0] ?? '';
    return types.get(id) ?? (id.replace(/^sbom-/, '') || 'unknown');
  };
}

/** What decisions and lists call a package: its source package, or itself. */
export function sourceOf({ package: { name, source } }: IndexedPackage): string {
  return clean(source?.name || name);
}

/** PostgreSQL's text cannot hold NUL. */
export function clean(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}
