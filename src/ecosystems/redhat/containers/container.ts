/** What a report says of a container of Red Hat. */
import type { DetectedPackage } from '../../../contract/detector.ts';

/** A container, whatever said that it is there. */
export interface Container {
  readonly name: string;
  /** What it was built from; the container itself where nothing else is said. */
  readonly component: string;
  readonly version: string;
  readonly arch: string;
  /** Clair's `rhctag:…`; undefined if the version has no such form. */
  readonly normalizedVersion?: string;
  /** The file that says so. */
  readonly path: string;
}

/** The packages of a container: its source, itself, and itself as what assertions are said of. */
export function packagesOf(container: Container): DetectedPackage[] {
  const { name, component, version, arch, normalizedVersion, path } = container;
  const shared = {
    version,
    arch,
    ...(normalizedVersion === undefined ? {} : { normalizedVersion }),
    database: path,
    path,
  };
  const source = { name: component, version };
  return [
    { ...shared, name: component, kind: 'source' },
    { ...shared, name, kind: 'binary', source },
    { ...shared, name, kind: 'ancestry', source },
  ];
}

/** Clair's normalised version of a release: ten numbers. */
export function normalizedTag(major: string, minor: string): string | undefined {
  const numbers = [major, minor].map(Number);
  if (!numbers.every((number) => number <= MAX_INT32)) return undefined;
  return `rhctag:${[...numbers, 0, 0, 0, 0, 0, 0, 0, 0].join('.')}`;
}

const MAX_INT32 = 2 ** 31 - 1;
