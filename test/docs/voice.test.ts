/** The lint of the language finds phrases in prose only, and every list of it is in use. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { exceptionFor, parseExceptions, readExceptions } from '../../scripts/voice/exceptions.ts';
import { hasProse } from '../../scripts/voice/prose.ts';
import { faultsOf, parsePhrases, readPhrases } from '../../scripts/voice/rules.ts';
import { ROOT } from '../imports.ts';

const phrases = parsePhrases(
  '# a comment\nfolder, folders\tdirectory\n: want\t: expected\nat once\timmediately\n',
);

const CASES: readonly (readonly [name: string, path: string, text: string, found: readonly string[]])[] = [
  ['prose of Markdown', 'a.md', 'A folder.\n\nTwo Folders.\n', ['1 folder', '3 folders']],
  ['a phrase over a line break', 'a.md', 'All at\nonce.\n', ['1 at once']],
  ['no part of a word', 'a.md', 'folderless\n', []],
  [
    'no code, comment or link of Markdown',
    'a.md',
    '`folder`\n\n```sh\nfolder\n```\n\n<!-- folder -->\n[x](folder)\n',
    [],
  ],
  ['an indented block', 'a.md', '1. x\n\n   ```sh\n   folder\n   ```\n', []],
  [
    'comments of a source',
    'a.ts',
    'const folder = 1; // the folder\n/**\n * folders\n */\n',
    ['1 folder', '3 folders'],
  ],
  [
    'literals of a source',
    'a.ts',
    'throw new Error(`x: want $' + "{folder}`);\nf('a folder');\n",
    ['1 : want', '2 folder'],
  ],
  [
    'text between tags of JSX',
    'a.tsx',
    'const a = (\n  <p class="folder">\n    The folder {name} is <b>at once</b> there.\n  </p>\n);\n',
    ['3 at once', '3 folder'],
  ],
  [
    'no name of a module, no statement of SQL',
    'a.ts',
    "import x from './in-folder.ts';\nf('select folder from x');\n",
    [],
  ],
  ['code in a comment', 'a.ts', '// `folder` is a name\n', []],
  ['all of YAML', 'a.yaml', 'key: value # folder\n', ['1 folder']],
  ['a marked line', 'a.ts', "f('folder'); // voice-ok: a wire text\n", []],
  ['a heading that is a clause', 'a.md', '# What it costs\n', ['1 heading is a clause']],
  ['the first person', 'a.md', 'Send us a report.\n', ['1 first person']],
  ['an empty header', 'a.md', '| a | |\n|---|---|\n| b | |\n', ['1 table column without a title']],
  ['no header of code', 'a.md', '| `a` |\n|---|\n| b |\n', []],
  ['no empty cell', 'a.md', '| a | b |\n|---|---|\n| b | |\n', []],
];

describe('lint of the language', () => {
  for (const [name, path, text, found] of CASES) {
    it(name, () => {
      assert.deepEqual(
        faultsOf(path, text, phrases).map(({ line, rule }) => `${line} ${rule}`),
        found,
      );
    });
  }

  it('reads no tests and no data', () => {
    assert.deepEqual(['a.md', 'a.ts', 'a.test.ts', 'a.fixture.ts', 'a.json'].map(hasProse), [
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('has exceptions for a file or a directory, with a reason', () => {
    const list = parseExceptions('src/\tfolder\tquotes\na.md\t*\twire\nweb/\tcomments\told\n');
    const covered = (path: string, rule: string, isComment = false) =>
      exceptionFor(list, path, { rule, isComment })?.reason;
    assert.deepEqual(
      [
        covered('src/a.ts', 'folder'),
        covered('src/a.ts', 'odd'),
        covered('a.md', 'odd'),
        covered('b/a.md', 'odd'),
        covered('web/a.js', 'odd', true),
        covered('web/a.js', 'odd'),
      ],
      ['quotes', undefined, 'wire', undefined, 'old', undefined],
    );
    assert.throws(() => parseExceptions('a.md\t*\n'), /no reason/);
    assert.throws(() => parsePhrases('folder directory\n'), /no tab/);
  });

  it('has lists without a phrase twice', () => {
    const all = readPhrases(join(ROOT, 'scripts/voice/phrases.tsv')).map(({ phrase }) => phrase);
    assert.ok(all.length > 100);
    assert.deepEqual(
      all.filter((phrase, at) => all.indexOf(phrase) !== at),
      [],
    );
    assert.ok(
      readExceptions(join(ROOT, 'scripts/voice/exceptions.tsv')).every(({ reason }) => reason !== ''),
    );
  });
});
