/** What is in an image, as both formats of SBOM list it: references, package URLs, properties. */
import type { Ecosystem } from '../contract/ecosystem.ts';
import { ecosystemOf } from '../contract/ecosystem-of.ts';
import type { IndexedPackage, IndexReport } from '../model/index-report.ts';
import type { Distribution, Problem } from '../model/package.ts';
import { formatPurl } from '../model/purl.ts';
import { distributionProperties, OWN, packageProperties } from './own-properties.ts';

export interface InventoryItem {
  /** Unique in the document, and the same every time. */
  readonly ref: string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly properties: readonly (readonly [name: string, value: string])[];
  /** What the package was found in: files of the image, without a leading slash. */
  readonly paths: readonly string[];
}

export interface Inventory {
  readonly distributions: readonly (InventoryItem & { readonly distribution: Distribution })[];
  /** In the order of the report. */
  readonly packages: readonly InventoryItem[];
}

/** What an SBOM says of itself. */
export interface SbomSubject {
  /** Name of the image or whatever it was that was scanned. */
  readonly name: string;
  /** `oci`, `registry`, `dir` … */
  readonly kind: string;
  /** RFC 3339, whole seconds. */
  readonly created: string;
  /** Of the program that writes it. */
  readonly toolVersion: string;
  /** What is not complete in it, and what it rests on. */
  readonly properties: readonly (readonly [name: string, value: string])[];
}

/** Whether the digest of the manifest is that of the image, and not of where a directory is. */
export function isImage({ kind }: SbomSubject): boolean {
  return kind !== 'dir';
}

/** `pkg:oci/…` of an image in a registry. */
export function imagePurl({ name, kind }: SbomSubject, digest: string): string | undefined {
  const [, repository, last] = /^((?:[^@]*\/)?([^/@:]+))(?::[^/@]*)?(?:@.*)?$/.exec(name) ?? [];
  if (kind !== 'registry' || repository === undefined || last === undefined) return undefined;
  return formatPurl({
    type: 'oci',
    name: last.toLowerCase(),
    version: digest,
    qualifiers: new Map([['repository_url', repository]]),
  });
}

/** All that `report` has. */
export function inventoryOf(report: IndexReport, ecosystems: readonly Ecosystem[]): Inventory {
  const uniqueRef = refs();
  const distributions = report.distributions.map((distribution) => ({
    distribution,
    ref: uniqueRef(`os:${distribution.did}-${distribution.versionId || distribution.version}`),
    name: distribution.did,
    version: distribution.versionId || distribution.version,
    properties: distributionProperties(distribution),
    paths: [],
  }));
  const refByContent = new Map(
    distributions.map(({ distribution, ref }) => [JSON.stringify(distribution), ref]),
  );
  const packages = report.packages.map((indexed): InventoryItem => {
    const { name, version } = indexed.package;
    const purl = purlOf(indexed, ecosystems);
    return {
      ref: uniqueRef(purl ?? `package:${name}@${version}`),
      name,
      version,
      ...(purl !== undefined && { purl }),
      properties: packageProperties(indexed, (distribution) =>
        refByContent.get(JSON.stringify(distribution)),
      ),
      paths: [...new Set(indexed.environments.map(({ packageDb }) => pathOf(packageDb)))].filter(Boolean),
    };
  });
  return { distributions, packages };
}

/** The package URL of a package, by the ecosystem that found it; undefined if it has none. */
export function purlOf(
  { package: installed, environments }: IndexedPackage,
  ecosystems: readonly Ecosystem[],
): string | undefined {
  const [detector = ''] = installed.detector?.split(':', 1) ?? [];
  const [environment] = environments;
  const purl = environment && ecosystemOf(detector, ecosystems)?.purl?.toPurl(installed, environment);
  return purl && formatPurl(purl);
}

/** The file or directory that `package_db` names after what kind it is: `python:usr/lib/python3`. */
export function pathOf(packageDb: string): string {
  return packageDb.replace(/^[a-z][a-z0-9-]*:/, '').replace(/^\/+/, '');
}

/** As `toIndexReport` reads it. */
export function problemProperty({ source, where, reason, kind }: Problem): readonly [string, string] {
  const line = (text: string) => text.replaceAll('\n', ' ');
  return [OWN.problem, `${line(source)}${kind ? ` ${kind}` : ''}\n${line(where)}\n${reason}`];
}

function refs(): (wanted: string) => string {
  const used = new Map<string, number>();
  return (wanted) => {
    const count = (used.get(wanted) ?? 0) + 1;
    used.set(wanted, count);
    return count === 1 ? wanted : `${wanted}|${count}`;
  };
}
