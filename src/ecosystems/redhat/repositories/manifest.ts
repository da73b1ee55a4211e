/** Reads content manifests: Red Hat's build system leaves one that says from which repositories the rpms of a layer are. */

import type { Detection, LayerFile, LayerView } from '../../../contract/detector.ts';
import { messageOf } from '../../../errors.ts';
import { fieldOf, identifierOf, readJsonFile } from '../../../formats/json/file.ts';

const FOLDERS = [
  'root/buildinfo/content_manifests/',
  'usr/share/buildinfo/content_manifests/',
  'usr/share/buildinfo/',
];

/** Beside them, and of another kind. */
const LABELS = 'labels.json';

const MAX_BYTES = 4 * 1024 * 1024;
/** Red Hat has some thousands of repositories. */
const MAX_SETS = 10_000;

/** What the content manifests of a layer say together. */
export interface ContentManifest {
  /** Names of repositories. */
  readonly contentSets: readonly string[];
  /** Whether the history of dnf knows better. */
  readonly fromDnfHint: boolean;
}

/** Whether a content manifest may be at `path`. */
export function isManifestPath(path: string): boolean {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return FOLDERS.includes(folder) && path.endsWith('.json') && path.slice(folder.length) !== LABELS;
}

/**
 * The content manifests of the first place that has any that can be read; undefined if there are none, where dnf is asked.
 * What cannot be read is added to `problems`.
 */
// differs: a layer that was squashed from several has all of their manifests, not the first only (clair-indexing.md#red-hat-repositories)
export function contentManifestOf(layer: LayerView, problems: Detection[]): ContentManifest | undefined {
  for (const folder of FOLDERS) {
    const read = layer.files
      .filter(
        ({ path }) => isManifestPath(path) && path.startsWith(folder) && !path.includes('/', folder.length),
      )
      .flatMap((file) => readManifest(file, problems) ?? []);
    if (read.length > 0) {
      return {
        contentSets: [...new Set(read.flatMap(({ contentSets }) => contentSets))],
        fromDnfHint: read.some(({ fromDnfHint }) => fromDnfHint),
      };
    }
  }
  return undefined;
}

/** Ids of repositories are plain words; what has the marks of JSON in it are two that were joined by damage. */
function nameOf(value: unknown): string | undefined {
  const name = identifierOf(value);
  return name === undefined || /["{},]|\[|\]/.test(name) ? undefined : name;
}

function readManifest(file: LayerFile, problems: Detection[]): ContentManifest | undefined {
  const problem = (reason: string) => problems.push({ found: 'problem', where: file.path, reason });
  try {
    const document = readJsonFile(file, MAX_BYTES);
    const sets = fieldOf(document, 'content_sets');
    const fromDnfHint = fieldOf(document, 'from_dnf_hint') ?? false;
    if (sets === undefined && fromDnfHint === false) {
      // Other things lie in the last of the folders; elsewhere it has to be one.
      if (!file.path.startsWith(FOLDERS[2]!) || file.path.startsWith(FOLDERS[1]!))
        problem('it has no content_sets');
      return undefined;
    }
    if (typeof fromDnfHint !== 'boolean') problem('from_dnf_hint is neither true nor false');
    if (!Array.isArray(sets ?? [])) problem('content_sets is no list');
    const all: readonly unknown[] = Array.isArray(sets) ? sets : [];
    if (all.length > MAX_SETS) problem(`the content_sets after the first ${MAX_SETS} are not read`);
    const names = all.slice(0, MAX_SETS).map(nameOf);
    if (names.includes(undefined)) problem('content_sets has something that is no name');
    return { contentSets: names.filter((name) => name !== undefined), fromDnfHint: fromDnfHint === true };
  } catch (error) {
    problem(messageOf(error));
    return undefined;
  }
}
