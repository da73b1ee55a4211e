/** What rules about packages look up in the layers of an image. */
import { isJavaPackage } from './java-evidence.ts';
import { type DpkgRecord, fileAt, type Layer, readDpkgRecords } from './layers.ts';
import type { NormalPackage } from './normal-form.ts';
import { hasRpm } from './rpm-evidence.ts';
import type { Case } from './rule.ts';

/** Detectors of dpkg's records. */
export const DPKG = new Set(['dpkg', 'dpkg-distroless']);
/** Detectors of databases that are rewritten whole. */
export const OS_DATABASES = new Set(['dpkg', 'dpkg-distroless', 'apk']);
/** Detectors of packages that are files of their own. */
export const LANGUAGES = new Set(['python', 'gobin', 'nodejs']);

const METADATA = /\/(METADATA|PKG-INFO|package\.json)$|\.egg-info$|\.gemspec$/;

/** The highest layer that has the database of `pkg`, with its bytes. */
export function databaseOf(pkg: NormalPackage, at: Case): Buffer | undefined {
  const path = pkg.environments[0]?.packageDb ?? '';
  return at
    .layers()
    .map((layer) => fileAt(layer, path))
    .findLast((file) => file !== undefined);
}

/** The records of the database of `pkg`. */
export function dpkgRecords(pkg: NormalPackage, at: Case): DpkgRecord[] {
  return readDpkgRecords(databaseOf(pkg, at)?.toString('utf8') ?? '');
}

/** The record of `pkg` itself. */
export function dpkgRecord(pkg: NormalPackage, at: Case): DpkgRecord | undefined {
  return dpkgRecords(pkg, at).find(
    ({ name, version, arch }) =>
      name === pkg.name && version === pkg.version && (arch === pkg.arch || pkg.arch === ''),
  );
}

/** Position of a layer, from the base; of one that is there again, the last. */
export function indexOfLayer(digest: string, at: Case): number {
  return at.layers().findLastIndex((layer) => layer.digest === digest);
}

/** Layers above the one where `pkg` was last introduced. */
export function layersAbove(pkg: NormalPackage, at: Case): readonly Layer[] {
  const index = Math.max(...pkg.environments.map(({ introducedIn }) => indexOfLayer(introducedIn, at)));
  return at.layers().slice(index + 1);
}

/** Layers above that one. */
export function layersFrom(digest: string, at: Case): readonly Layer[] {
  return at.layers().slice(indexOfLayer(digest, at) + 1);
}

/** Text of the metadata files below the folder of a language's `packageDb` in `layer`. */
export function metadataIn(layer: Layer, packageDb: string): string[] {
  const folder = packageDb.replace(/^[a-z]+:/, '');
  return [...layer.files.keys(), ...layer.links.keys()]
    .filter((path) => path === folder || path.startsWith(`${folder}/`))
    .filter((path) => METADATA.test(path) || path === folder)
    .map((path) => fileAt(layer, path)?.toString('latin1') ?? '');
}

/** Whether `layer` has a copy of the package at `packageDb`. */
export function hasCopy(layer: Layer, packageDb: string, pkg: NormalPackage): boolean {
  return metadataIn(layer, packageDb).some((text) => says(text, pkg));
}

function says(text: string, { name, version, detector }: NormalPackage): boolean {
  // Which Go a program was built by is said in one word.
  if (detector === 'gobin') return text.includes(name === 'stdlib' ? `go${version}` : name);
  return text.toLowerCase().includes(name.toLowerCase()) && text.includes(version.replace(/^v/, ''));
}

/** Whether the image really has the package, whatever Clair made of it. */
export function isThere(pkg: NormalPackage, at: Case): boolean {
  if (DPKG.has(pkg.detector)) return dpkgRecord(pkg, at) !== undefined;
  if (pkg.detector === 'apk') return apkNames(pkg, at).includes(pkg.name);
  return pkg.environments.every(({ packageDb }) =>
    at.layers().some((layer) => {
      if (pkg.detector === 'rpm') return hasRpm(layer, packageDb, pkg.name.replace(/\ufffd.*$/, ''));
      if (pkg.detector === 'java') return isJavaPackage(layer, packageDb, pkg);
      if (pkg.detector.startsWith('rhel_')) return fileAt(layer, packageDb)?.includes(pkg.name) ?? false;
      return hasCopy(layer, packageDb, pkg);
    }),
  );
}

/** Names in the apk database, in its order. */
export function apkNames(pkg: NormalPackage, at: Case): string[] {
  const text = databaseOf(pkg, at)?.toString('utf8') ?? '';
  return [...text.matchAll(/^P:(.*)$/gm)].map(([, name]) => name ?? '');
}

/** Its records, each as its lines. */
export function apkRecords(pkg: NormalPackage, at: Case): string[][] {
  const text = databaseOf(pkg, at)?.toString('utf8') ?? '';
  return text.split(/\n\s*\n/).map((record) => record.trim().split('\n'));
}

/** A header of a metadata file. */
export function headerOf(text: string, key: string): string {
  return new RegExp(`^${key}:[ \\t]*(.*?)\\s*$`, 'im').exec(text)?.[1] ?? '';
}

/** Whether a metadata file has this version, but for case and a leading v. */
export function hasVersion(text: string, version: string): boolean {
  return headerOf(text, 'Version').toLowerCase().replace(/^v/, '') === version.toLowerCase();
}

/** In how many files of how many layers the package is. */
export function copies(pkg: NormalPackage, at: Case): number {
  const isCandidate = (path: string) => pkg.detector === 'gobin' || METADATA.test(path);
  return at
    .layers()
    .flatMap((layer) => [...layer.files.keys(), ...layer.links.keys()].map((path) => ({ layer, path })))
    .filter(
      ({ layer, path }) => isCandidate(path) && says(fileAt(layer, path)?.toString('latin1') ?? '', pkg),
    ).length;
}
