/** `go.mod` of folders of sources, with `go.sum` where it does not list all (go.dev/ref/mod). */
import type { PackageList } from '../../contract/package-list.ts';
import type { Listed, ListFormat, ListItem } from '../../formats/locks/list.ts';
import { namesBy } from '../../formats/locks/names.ts';
import { lockFiles } from '../lock-files.ts';
import { GO_REPOSITORY } from './detect-binary.ts';
import { DEVEL, FOLDER } from './module-info.ts';
import { normalized } from './packages.ts';
import { goVersions } from './version.ts';

/** go.dev/ref/mod#go-mod-file, and `ignore` of Go 1.25. */
const VERBS: ReadonlySet<string> = new Set([
  ...['module', 'go', 'toolchain', 'godebug', 'require', 'tool', 'exclude', 'replace', 'retract', 'ignore'],
]);

const goMod: ListFormat = {
  is: /(?:^|\/)go\.mod$/,
  needs: /(?:^|\/)go\.sum$/,
  endsLines: true,
  *read(text, beside): Generator<ListItem> {
    const directives = directivesIn(text);
    if (!directives.some(([verb]) => verb === 'module')) throw new Error('it names no module');
    for (const [verb = ''] of directives)
      if (!VERBS.has(verb)) yield { unread: `an unknown directive: ${verb.slice(0, 80)}` };
    for (const [verb, ...words] of directives)
      if (verb === 'require' && words.length !== 2)
        yield { unread: `a line is no requirement: ${words.join(' ').slice(0, 80)}` };
    const argumentOf = (name: string) => directives.find(([verb]) => verb === name)?.[1];
    const toolchain = /^go(\d.*)$/s.exec(argumentOf('toolchain') ?? '')?.[1];
    const language = argumentOf('go');
    // go.dev/doc/toolchain: it is built by that version or a newer one, of which nothing is known here.
    const go = toolchain ?? language;
    if (go !== undefined) yield { name: 'stdlib', version: go };
    const required = directives.flatMap(([verb, name = '', version = '']) =>
      verb === 'require' ? [{ name, version }] : [],
    );
    const modules = new Map(required.map((each) => [each.name, each]));
    // go.dev/ref/mod#graph-pruning: before 1.17 only what the module itself needs is in it.
    if (isBefore117(language) && required.length > 0) {
      const sums = beside('go.sum');
      if (sums === undefined)
        yield { unread: 'its indirect dependencies are not listed and no go.sum exists: not checked' };
      else for (const each of highestIn(sums)) if (!modules.has(each.name)) modules.set(each.name, each);
    }
    const replacements = replacementsIn(directives);
    for (const { name, version } of modules.values())
      yield replacements.get(`${name} ${version}`) ?? replacements.get(name) ?? { name, version };
  },
};

/** Words of each directive, those of a block each with its verb. */
function directivesIn(text: string): string[][] {
  const found: string[][] = [];
  let block: string | undefined;
  for (const raw of text.split('\n')) {
    const words = raw
      .replace(/\/\/.*$/s, '')
      .split(/\s+/)
      .filter((word) => word !== '')
      .map((word) => word.replace(/^["`](.*)["`]$/s, '$1'));
    if (words[0] === ')') block = undefined;
    else if (block !== undefined && words.length > 0) found.push([block, ...words]);
    else if (words[1] === '(') block = words[0];
    else if (words.length > 0) found.push(words);
  }
  return found;
}

/** By `path` or `path version`: what stands in for it; for a folder itself, at a version that nobody knows. */
function replacementsIn(directives: readonly string[][]): Map<string, Listed> {
  const found = new Map<string, Listed>();
  for (const [verb, ...words] of directives) {
    const arrow = words.indexOf('=>');
    if (verb !== 'replace' || arrow < 1) continue;
    const [target = '', version = ''] = words.slice(arrow + 1);
    const by = FOLDER.test(target) ? { name: words[0]!, version: DEVEL } : { name: target, version };
    found.set(words.slice(0, arrow).join(' '), by);
  }
  return found;
}

function isBefore117(language: string | undefined): boolean {
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})/.exec(language ?? '1.16') ?? [];
  return Number(major) === 1 && Number(minor) < 17;
}

/** Of each module whose content go.sum has the highest version: Go chooses no other. */
function highestIn(sums: string): Listed[] {
  const highest = new Map<string, Listed>();
  for (const line of sums.split('\n')) {
    const [, name, version] = /^(\S+) (v[^\s/]+) h1:/.exec(line) ?? [];
    if (name === undefined || version === undefined) continue;
    const known = goVersions.parse(highest.get(name)?.version ?? '');
    const own = goVersions.parse(version);
    if (known === undefined || (own !== undefined && goVersions.compare(own, known) > 0))
      highest.set(name, { name, version });
  }
  return [...highest.values()];
}

// differs: a detector that Clair does not have: go.mod in directories of sources
export const goModules = lockFiles({
  id: 'go-mod',
  revision: '1',
  formats: [goMod],
  repository: GO_REPOSITORY,
  database: 'go',
  written: ({ name, version }) => ({ name, version, ...normalized(version) }),
});

/** Told of in images. */
export const goLists: readonly PackageList[] = [
  { is: /^go\.mod$/, names: namesBy(/^(?:require[ \t]+|\t)([\w.-]+\.[\w.-]+\/\S+) v/gm) },
];
