/** Reads the packages out of an application's `.deps.json` (docs of dotnet/sdk: runtime-configuration-file.md). */
import { fieldOf, fieldsIn, identifierOf } from '../../formats/json/file.ts';

/** Those of big applications have 500 KiB. */
export const MAX_FILE = 64 * 1024 * 1024;

/** What a .deps.json says of the packages beside it. */
export interface DepsFile {
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  /** Libraries whose name and version cannot be read. */
  readonly unreadable: number;
}

/** A self-contained application has the runtime in it, named so; advisories know the packages of the runtime without that. */
const RUNTIME_PACK = 'runtimepack.';

/** Libraries that are no packages (NuGet.LibraryModel: LibraryType, and what the SDK writes beside it). */
const OTHER_TYPES: ReadonlySet<string> = new Set([
  ...[
    'project',
    'msbuildproject',
    'externalproject',
    'reference',
    'referenceassembly',
    'assembly',
    'winmd',
    'unresolved',
    'platform',
  ],
]);

/** Kinds of files that a library may bring into the application. */
const ASSETS = ['runtime', 'native', 'runtimeTargets', 'resources'];

/** Throws if `document` is nothing that a .NET build wrote. */
export function readDeps(document: unknown): DepsFile {
  const libraries = fieldOf(document, 'libraries');
  if (typeof libraries !== 'object' || libraries === null || Array.isArray(libraries))
    throw new Error('it has no libraries');
  const target = targetOf(document);
  const packages: { name: string; version: string }[] = [];
  let unreadable = 0;
  for (const [key, library] of fieldsIn(libraries)) {
    const type = fieldOf(library, 'type');
    // The application itself is a project; a `reference` is a file that somebody put there.
    if (type !== 'package' && type !== 'runtimepack') {
      if (!OTHER_TYPES.has(String(type).toLowerCase())) unreadable++;
      continue;
    }
    if (!isThere(fieldOf(target, key))) continue;
    const slash = key.lastIndexOf('/');
    const name = identifierOf(
      key.slice(key.startsWith(RUNTIME_PACK) ? RUNTIME_PACK.length : 0, Math.max(slash, 0)),
    );
    const version = identifierOf(key.slice(slash + 1));
    if (name === undefined || version === undefined) unreadable++;
    else packages.push({ name, version });
  }
  return { packages, unreadable };
}

/** Base names of all files that the libraries of `document` bring; the application's own is among them. */
export function assetNames(document: unknown): Set<string> {
  const names = new Set<string>();
  for (const [, library] of fieldsIn(targetOf(document))) {
    for (const kind of ASSETS) {
      for (const [path] of fieldsIn(fieldOf(library, kind))) names.add(path.slice(path.lastIndexOf('/') + 1));
    }
  }
  return names;
}

/** What the application runs on: the target that is named, else the only one. */
function targetOf(document: unknown): unknown {
  const targets = fieldOf(document, 'targets');
  const name = fieldOf(fieldOf(document, 'runtimeTarget'), 'name');
  if (typeof name === 'string') return fieldOf(targets, name);
  const all = fieldsIn(targets);
  return all.length === 1 ? all[0]![1] : undefined;
}

/**
 * Whether a library brings files. Others were needed to compile alone, or what they had was dropped for what the shared
 * framework has in a newer version: System.Net.Http 4.3.0 is in the list of nearly every application, and in none.
 * One that the target does not tell of is there for all we know.
 */
function isThere(library: unknown): boolean {
  if (library === undefined) return true;
  // NuGet: `_._` stands for no file.
  return ASSETS.some((kind) =>
    fieldsIn(fieldOf(library, kind)).some(([path]) => !/(?:^|\/)_\._$/.test(path)),
  );
}
