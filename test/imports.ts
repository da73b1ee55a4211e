/** Reads which modules the sources of this project import, and which types they export: for the tests that hold the import law. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** One import of a module, as written. */
export interface Import {
  /** Path of another source from the repository's folder, or the bare name of a package or of Node. */
  readonly target: string;
  readonly kind: 'source' | 'package' | 'node';
  /** Nothing of it is left at run time. */
  readonly typeOnly: boolean;
  /** Loaded when it is first asked for, or by another thread. */
  readonly late: boolean;
}

/** A source file. */
export interface Source {
  /** From the repository's folder, with slashes. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** Names of the types, interfaces and classes that it declares and exports. */
  readonly types: readonly string[];
}

/** All TypeScript files below `folder` of the repository, in byte order of path. */
export function readSources(folder: string): Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      const lines = text.trimEnd().split('\n').length;
      return { path, lines, imports: importsOf(text, path), types: exportedTypesOf(text) };
    });
}

// At the start of a line (the formatter puts them there), so that texts and comments are not taken for imports.
const FROM =
  /^(?:import|export)\b(\s+type\b)?((?:(?!^\s*(?:import|export)\b)[^'"`;])*?)\bfrom\s*(['"])([^'"\n]+)\3/gm;
const BARE = /^import\s*(['"])([^'"\n]+)\1/gm;
const DYNAMIC = /\bimport\(\s*(['"])([^'"\n]+)\1\s*\)/g;
const WORKER = /new URL\(\s*(['"])(\.[^'"\n]+\.ts)\1\s*,\s*import\.meta\.url\s*\)/g;

const TYPE = /^export\s+(?:declare\s+|abstract\s+)*(?:interface|type|class|enum)\s+([A-Za-z_$][\w$]*)/gm;

/** The types that the text of a source declares and exports. */
export function exportedTypesOf(text: string): string[] {
  return [...text.matchAll(TYPE)].map(([, name = '']) => name);
}

/** The imports in the text of the source at `path`: static, re-exports, dynamic ones and files named for a worker. */
export function importsOf(text: string, path: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: string, typeOnly: boolean, late = false) =>
    found.push({ ...resolveImport(specifier, path), typeOnly, late });
  for (const [, type, names = '', , specifier = ''] of text.matchAll(FROM)) {
    add(specifier, type !== undefined || onlyTypes(names));
  }
  for (const [, , specifier = ''] of text.matchAll(BARE)) add(specifier, false);
  for (const [, , specifier = ''] of text.matchAll(DYNAMIC)) add(specifier, false, true);
  for (const [, , specifier = ''] of text.matchAll(WORKER)) add(specifier, false, true);
  return found;
}

/** `{ type A, type B }` */
function onlyTypes(names: string): boolean {
  const list = /^\s*\{([\s\S]*)\}\s*$/.exec(names)?.[1];
  if (list === undefined) return false;
  const each = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return each.length > 0 && each.every((name) => name.startsWith('type '));
}

function resolveImport(specifier: string, from: string): Pick<Import, 'target' | 'kind'> {
  if (specifier.startsWith('node:')) return { target: specifier, kind: 'node' };
  if (specifier.startsWith('.')) {
    const target = relative(ROOT, resolve(ROOT, dirname(from), specifier)).replaceAll('\\', '/');
    return { target, kind: 'source' };
  }
  const parts = specifier.split('/');
  const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
  return { target: name, kind: 'package' };
}
