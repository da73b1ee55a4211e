/** Interpreters, runtimes and what programs are built with, by their bytes: one row each. */
import { after, FORM, type ProgramRow, type VersionMark, whole } from './row.ts';

/** `3.11` of `bin/python3.11` and `libpython3.11.so.1.0`: the version that stands alone begins so. */
function ofPython(path: string): VersionMark | undefined {
  const series = /python(\d\.\d{1,2})[^/]*$/.exec(path)?.[1];
  if (series === undefined) return undefined;
  return whole(`${series}.`, `${series.replace('.', '\\.')}\\.\\d{1,3}(?:(?:a|b|c|rc)\\d{1,2})?\\+?`);
}

/** `ruby 3.1.2p20 (2022-04-12 revision 4491bb740a)`. */
const OF_RUBY = ['1', '2', '3', '4'].map(
  (major): VersionMark => ({
    literal: `ruby ${major}.`,
    before: 1,
    behind: 48,
    version:
      /(?<![a-z])ruby (\d\.\d{1,2}\.\d{1,2}(?:p\d{1,4}|rc\d{1,2}|preview\d{1,2}|dev)?) \(\d{4}-\d\d-\d\d/,
  }),
);

/** The strings of its launcher: its name, that of the command, the version of the specification, the version. */
const OF_JAVA: readonly VersionMark[] = [
  {
    literal: '\0java\0',
    before: 0,
    behind: 64,
    version: /^\0java\0+(?:0\.0|1\.8)\0+(\d{1,3}(?:\.\d{1,3}){0,3}(?:_\d{1,3})?)(?:[-+][^\0]*)?\0/,
  },
  {
    literal: 'openjdk\0java\0',
    before: 64,
    behind: 0,
    version: /\0(\d{1,3}(?:\.\d{1,3}){0,3}(?:_\d{1,3})?)(?:[-+][^\0]*)?\0+openjdk\0java\0$/,
  },
];

const OF_PERL = '5\\.\\d{1,2}\\.\\d{1,2}';

export const INTERPRETERS: readonly ProgramRow[] = [
  {
    name: 'node',
    files: ['node', 'nodejs'],
    like: /(?:^|\/)libnode\.so(?:\.\d+)*$/,
    readings: [
      after('node.js/v'),
      whole('v0.', 'v0\\.\\d{1,2}\\.\\d{1,2}'),
      whole('v4.', 'v4\\.\\d{1,2}\\.\\d'),
    ],
  },
  {
    name: 'python',
    like: /(?:^|\/)(?:bin\/python\d\.\d{1,2}[a-z]*|libpython\d\.\d{1,2}[a-z]*\.so(?:\.\d+)*)$/,
    readings: [ofPython],
  },
  {
    name: 'ruby',
    files: ['ruby'],
    like: /(?:^|\/)libruby[^/]*\.so(?:\.\d+)*$/,
    readings: OF_RUBY,
    unless: ['truffleruby '],
  },
  {
    name: 'php',
    files: ['php', 'php-fpm', 'php-cgi', 'phpdbg'],
    like: /(?:^|\/)(?:php(?:-fpm|-cgi)?\d(?:\.\d{1,2})?|libphp[\d.]*\.so)$/,
    readings: [after('X-Powered-By: PHP/')],
  },
  {
    name: 'perl',
    files: ['perl'],
    like: /(?:^|\/)(?:bin\/perl5(?:\.\d+){1,2}|libperl\.so(?:\.\d+)*)$/,
    readings: [
      after('/perl5/', OF_PERL),
      after('/site_perl/', OF_PERL),
      after('/perl/', OF_PERL),
      whole('v5.', 'v5\\.\\d{1,2}\\.\\d{1,2}'),
    ],
  },
  { name: 'java', like: /(?:^|\/)bin\/java$/, readings: OF_JAVA },
  {
    name: 'deno',
    files: ['deno'],
    // `LP-Exporter-Deno/0.80.0` is in it, too.
    readings: [
      {
        literal: 'Deno/',
        before: 1,
        behind: 48,
        version: new RegExp(`^(?![\\w-]Deno).?Deno/(${FORM})`, 's'),
      },
    ],
  },
  { name: 'bun', files: ['bun', 'bunx'], readings: [after('Bun v')] },
  {
    name: 'pypy',
    like: /(?:^|\/)(?:libpypy[^/]*\.so|bin\/pypy\d?(?:\.\d{1,2})?)$/,
    readings: [after('[PyPy ')],
  },
  {
    name: 'lua',
    like: /(?:^|\/)(?:bin\/luac?(?:\d\.?\d)?|liblua[\d.]*\.so(?:\.\d+)*)$/,
    readings: [after('$LuaVersion: Lua ')],
  },
  {
    name: 'gcc',
    files: ['cc1', 'cc1plus'],
    readings: [
      {
        literal: 'GCC: (',
        before: 0,
        behind: 80,
        version: /^GCC: \([^)\0]{1,60}\) (\d{1,2}\.\d{1,2}\.\d{1,2})(?!\d)/,
      },
    ],
  },
  {
    name: 'rust',
    like: /(?:^|\/)librustc_driver-[0-9a-f]{8,16}\.so$/,
    readings: [after('rustc version '), after('rustc ')],
  },
];
