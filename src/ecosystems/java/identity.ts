/** What an archive is that no `pom.properties` speaks of: by its file's name, its manifest and the classes in it. */
import type { Clues } from '../../model/package.ts';
import type { ClassFolders } from './class-folders.ts';
import { type Coordinates, manifestCoordinates, manifestNames, manifestVersion } from './coordinates.ts';
import type { FileName } from './file-name.ts';
import { groupsOf } from './manifest-groups.ts';

export interface Identity extends Coordinates {
  readonly clues: Clues;
  /** Whether the manifest told anything of it. */
  readonly byManifest: boolean;
}

/**
 * The file's name goes before the manifest, whose titles are for people; Clair's name for an archive without version in
 * its name is kept, as the report's reader may know it. undefined: it has no name, or nothing shows that it is of Java.
 */
// differs: the name of the file takes precedence over the manifest, and an archive without a version is reported (clair-indexing.md#java-archives)
export function identityOf(
  file: FileName | undefined,
  attributes: ReadonlyMap<string, string> | undefined,
  classes: ClassFolders,
): Identity | undefined {
  const manifest = attributes && manifestCoordinates(attributes);
  const isJava = attributes !== undefined || classes.hasClasses;
  if (!isJava && (file?.version === undefined || file.mayBeOther)) return undefined;
  const own = coordinatesOf(file, manifest, attributes && manifestVersion(attributes));
  if (own === undefined) return undefined;
  // What only wraps other archives, or is broken, is no library of its own.
  if (own.version === '' && !(classes.hasClasses && classes.folders.length > 0)) return undefined;
  const artifact = artifactOf(file, own, attributes);
  return {
    ...own,
    byManifest: manifest !== undefined,
    clues: {
      names: [...new Set([artifact, ...(attributes ? manifestNames(attributes) : [])])],
      groups: attributes ? groupsOf(attributes, artifact) : [],
      folders: classes.folders,
      root: classes.root,
    },
  };
}

function coordinatesOf(
  file: FileName | undefined,
  manifest: Coordinates | undefined,
  manifestSays: string | undefined,
): Coordinates | undefined {
  if (file?.version !== undefined) {
    return { name: file.artifact, version: file.version };
  }
  return manifest ?? (file && { name: file.artifact, version: manifestSays ?? '' });
}

/** As the file is called; `tomcat-catalina` of catalina.jar, whose symbolic name is org.apache.tomcat-catalina. */
function artifactOf(
  file: FileName | undefined,
  { name }: Coordinates,
  attributes: ReadonlyMap<string, string> | undefined,
): string {
  const stem = file?.artifact ?? name.slice(name.lastIndexOf(':') + 1);
  if (file?.version !== undefined) return stem;
  const [symbolic = ''] = (attributes?.get('bundle-symbolicname') ?? '').split(';', 1);
  const last = symbolic.trim().slice(symbolic.lastIndexOf('.') + 1);
  return last.endsWith(`-${stem}`) ? last : stem;
}
