/** `package-lock.json` and `npm-shrinkwrap.json` of all three versions (docs.npmjs.com: package-lock.json). */
import { fieldOf, fieldsIn, parseJson } from '../../formats/json/file.ts';
import type { Listed, ListFormat, ListItem } from '../../formats/locks/list.ts';

export const npmLock: ListFormat = {
  is: /(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$/,
  *read(text): Generator<ListItem> {
    const document = parseJson(text);
    const packages = fieldOf(document, 'packages');
    if (packages !== undefined) yield* ofPackages(packages);
    else if (fieldOf(document, 'lockfileVersion') === 1 || fieldOf(document, 'dependencies') !== undefined)
      yield* ofDependencies(fieldOf(document, 'dependencies'));
    else throw new Error('it has neither packages nor dependencies');
  },
};

/** By where each is installed: what is not below `node_modules` is the project itself. */
function* ofPackages(packages: unknown): Generator<Listed> {
  for (const [path, value] of fieldsIn(packages)) {
    const at = path.lastIndexOf('node_modules/');
    if (at < 0 || fieldOf(value, 'link') === true) continue;
    const name = fieldOf(value, 'name') ?? path.slice(at + 'node_modules/'.length);
    yield { name: String(name), version: textOf(fieldOf(value, 'version')) };
  }
}

/** Version 1 has them as a tree. */
function* ofDependencies(dependencies: unknown): Generator<Listed> {
  const pending = [dependencies];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const [name, value] of fieldsIn(next)) {
      const below = fieldOf(value, 'dependencies');
      if (below !== undefined) pending.push(below);
      const version = textOf(fieldOf(value, 'version'));
      const [, other, own] = /^npm:(@?[^@]+)@(.+)$/s.exec(version) ?? [];
      if (version.startsWith('file:')) continue;
      yield { name: other ?? name, version: own ?? version };
    }
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
