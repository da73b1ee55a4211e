/** The tables of foreign words as rows for people: `clairctl words` and docs/reference/other-tools.md. */
import { FOREIGN_COMMANDS } from './commands.ts';
import { FOREIGN_FLAGS, TRAPS } from './flags.ts';
import { FORMATS } from './formats.ts';
import { FOREIGN_TARGETS } from './targets.ts';
import type { ForeignWord } from './word.ts';

export interface WordRow {
  /** As it is typed, with a name for its value. */
  readonly typed: string;
  readonly of: string;
  /** What is done in its place, in our words; '' if it is refused. */
  readonly ours: string;
  /** Why nothing is done, or why it is refused and what to do; '' if there is nothing to say. */
  readonly why: string;
}

/** Under a heading each, in the order in which they are tried. */
export const WORD_LISTS: Readonly<Record<string, readonly WordRow[]>> = {
  Commands: [
    ...FOREIGN_COMMANDS.map((word) => rowOf(word, ' ', ', ')),
    {
      typed: 'NAME alone',
      of: 'Grype',
      ours: 'scan NAME',
      why: 'if it contains / : . or @, or is a file',
    },
  ],
  Targets: FOREIGN_TARGETS.map((word) => rowOf(word, '', ', ')),
  Flags: [
    ...TRAPS.map((word) => rowOf(word, ' ', ', ')),
    ...FOREIGN_FLAGS.map((word) => rowOf(word, ' ', ', ')),
    { typed: '--download-db-only', of: 'Trivy', ours: 'clairctl db update', why: '' },
  ],
  Formats: FORMATS.map((word) => rowOf(word, ' ', ', ')),
};

function rowOf({ words, of, value, when, does }: ForeignWord, gap: string, separator: string): WordRow {
  const shown = when === undefined ? value : `${value} (${when.text})`;
  const typed = `${words.join(separator)}${shown === undefined ? '' : `${gap}${shown}`}`;
  const withValue = (ours: string): string => `${ours}${value === undefined ? '' : `${gap}${value}`}`;
  if ('refused' in does) return { typed, of, ours: '', why: does.refused };
  if ('nothing' in does) return { typed, of, ours: 'nothing', why: does.nothing };
  if ('ours' in does)
    return { typed, of, ours: does.ours === '' ? (value ?? '') : withValue(does.ours), why: '' };
  const isCommand = !does.gives[0]!.startsWith('-');
  return { typed, of, ours: `${isCommand ? 'clairctl ' : ''}${does.gives.join(' ')}`, why: '' };
}
