/**
 * Holds that nothing outside of src/ecosystems knows an ecosystem, a distribution or a feed by name: they say all of themselves.
 * Nor do the files that all families share, nor the one that is made of what the others say.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ecosystems } from '../src/ecosystems/index.ts';
import { ROOT, readSources } from './imports.ts';

/** Names that are words of their own, too: in texts and code they stand for something else. */
const WORDS = new Set([
  ...['arch', 'echo', 'generic', 'hex', 'inventory', 'node', 'oci', 'os-release', 'other'],
  ...['program', 'programs', 'project-file', 'r', 'sbom', 'uncovered', 'unopened'],
  // Formats that several ecosystems share.
  ...['nvd', 'osv'],
]);

/** Names of languages: code that means the ecosystem has them as a whole text, `'go'`; sentences may have them. */
const LANGUAGES = new Set([
  ...['dart', 'dotnet', 'go', 'haskell', 'java', 'julia', 'nodejs', 'php', 'python', 'ruby', 'rust', 'swift'],
]);

/** Files that have names for a reason. Each is still needed. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'src/cli/remote/manifest-command.ts': 'an image in an example of the help',
  'src/cli/remote/report-command.ts': 'an image in an example of the help',
  'src/cli/scan/explain-command.ts': 'an image in an example of the help',
  'src/cli/scan/scan-command.ts': 'an image in an example of the help',
  'src/config/schema.ts': 'an example in the description of a section that is anything',
  'src/db/embedded-binaries.ts': 'the package of the server is one of npm',
  'src/ecosystems/lock-files.ts': 'folders of installed packages, by the tools that make them',
  'src/ecosystems/other/inventories.ts': 'folders of installed packages, by the tools that make them',
  'src/ecosystems/other/nested-databases.ts':
    'where databases lie, also of systems whose own are not read there',
  'src/ecosystems/other/sbom-files.ts':
    'folders of tools, and the type of components that have a detector of their own',
  'src/ecosystems/other/unopened.ts': 'folders of installed packages, by the tools that make them',
  'src/enrichers/end-of-life/releases.ts': 'names of endoflife.date, by os-release(5) and by program',
  'src/enrichers/end-of-life/table.ts': 'the table of endoflife.date that the program has with it',
  'src/formats/programs/program-marks.ts': 'marks of the ledger: what a compiler left in a program',
  'src/model/ledger.ts': 'the marks of the ledger',
};

/** `list.ts` has their names, and nothing else. */
const OF_A_FAMILY = /^src\/ecosystems\/(?:(?!other\/)[^/]+\/|list\.ts$)/;

/** What ecosystems are called by: ids, types, scopes, matchers, detectors, types of package URLs, sets of feeds, folders. */
function namesOf(): string[] {
  const folders = readdirSync(join(ROOT, 'src/ecosystems'), { withFileTypes: true });
  const names = ecosystems.flatMap(({ id, type = id, scopes, matchers = {}, detectors, purl, feeds }) => [
    ...[id, type, ...Object.keys(matchers)],
    ...scopes.map((scope) => scope.replace(/:$/, '')),
    ...detectors.map((detector) => detector.id),
    ...(purl?.types ?? []),
    ...feeds.map(({ set }) => set),
  ]);
  return [
    ...new Set([...names, ...folders.filter((entry) => entry.isDirectory()).map(({ name }) => name)]),
  ].filter((name) => !WORDS.has(name));
}

const escaped = (names: readonly string[]): string =>
  names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');

/** Lines of `text` that name one of `names` in code. */
function namings(text: string, names: readonly string[]): string[] {
  const [languages, others] = [
    names.filter((name) => LANGUAGES.has(name)),
    names.filter((name) => !LANGUAGES.has(name)),
  ];
  const whole = new RegExp(`(['"\`])(?:${escaped(languages)})\\1`);
  const anywhere = new RegExp(`(?<![\\w-])(?:${escaped(others)})(?![\\w-])`);
  return withoutComments(text)
    .split('\n')
    .filter((line) => !/^(?:import|export)\b.* from /.test(line) && (whole.test(line) || anywhere.test(line)))
    .map((line) => line.trim());
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}

describe('names of ecosystems', () => {
  const names = namesOf();

  it('are found in code, and not in comments or sentences', () => {
    const text = [
      "import { deb } from './deb.ts';",
      '// only deb',
      '/** deb and\n rpm */',
      "if (type === 'deb') x();",
      'const a = { maven: 1 };',
      'const b = /^(apk|x)$/;',
      "const c = 'rhel-cpe:';",
      "const d = 'go';",
      "const e = 'a Go program, go there';",
      'const debug = rpmdb;',
    ].join('\n');
    assert.deepEqual(namings(text, names), [
      "if (type === 'deb') x();",
      'const a = { maven: 1 };',
      'const b = /^(apk|x)$/;',
      "const c = 'rhel-cpe:';",
      "const d = 'go';",
    ]);
  });

  const found = new Map(
    readSources('src')
      .filter(({ path }) => !OF_A_FAMILY.test(path) && !/\.(test|fixture)\.ts$/.test(path))
      .map(({ path }) => [path, namings(readFileSync(join(ROOT, path), 'utf8'), names)] as const)
      .filter(([, lines]) => lines.length > 0),
  );

  it('stand in src/ecosystems alone', () => {
    const offences = [...found].flatMap(([path, lines]) =>
      path in EXCEPTIONS ? [] : lines.map((line) => `${path}: ${line}`),
    );
    assert.deepEqual(offences, []);
  });

  it('has no exception that is not needed', () => {
    assert.deepEqual(
      Object.keys(EXCEPTIONS).filter((path) => !found.has(path)),
      [],
    );
  });
});
