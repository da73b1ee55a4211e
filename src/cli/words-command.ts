/** `clairctl words`: the words of other scanners, and what each comes to here. */
import type { Command } from 'commander';
import { commandWithEnvironment } from './flags/flag-environment.ts';
import { WORD_LISTS } from './foreign/word-list.ts';
import { writeText } from './terminal/write-text.ts';

export function wordsCommand(): Command {
  return commandWithEnvironment('words')
    .description('list commands and flags of other scanners and their equivalents')
    .action(async () => {
      const parts = Object.entries(WORD_LISTS).map(([heading, rows]) => {
        const lines = rows.map(({ typed, of, ours, why }) => {
          const what = ours === '' ? `refused: ${why}` : `${ours}${why === '' ? '' : `: ${why}`}`;
          return `  ${typed}  [${of}]\n      ${what}\n`;
        });
        return `${heading}\n${lines.join('')}`;
      });
      await writeText(parts.join('\n'));
    });
}
