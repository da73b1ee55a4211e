/** `docs/reference/other-tools.md`: the words of other scanners that `clairctl` reads. */
import { WORD_LISTS } from '../src/cli/foreign/word-list.ts';

export const ABOUT_WORDS = `\`clairctl\` reads command lines of Trivy, Grype, Syft and Docker Scout: \`clairctl image NAME\`, \`clairctl NAME -o json\`. What it has, it does;
what it has not, it refuses by name with exit code 1 and says its own way. Nothing is done that was not meant: \`-o json\` is a format, and
not a file (\`-o ./json\` is). The commands of Clair (\`report\`, \`manifest\`, \`delete\`, …) keep Clair's flags. \`clairctl words\` prints these tables.

- A plain word such as \`alpine\` is no target by itself: it is more likely a mistyped command. \`clairctl scan alpine\` scans it.
- \`--exit-code N\` is ours, too: the exit code in place of 2; without \`--fail-on\` it is given if any finding is shown, as in Trivy. An
  incomplete scan without such a finding still ends with 3.
- \`registry:2\` is the image \`2\`, as in Grype. \`docker://registry:2\` is the image \`registry\` of Docker Hub.`;

/** The tables. */
export function wordTables(): string {
  return Object.entries(WORD_LISTS)
    .map(([heading, rows]) => {
      const lines = rows.map(({ typed, of, ours, why }) => {
        const cells = [
          `\`${typed}\``,
          of,
          ours === '' ? 'refused' : ours === 'nothing' ? ours : `\`${ours}\``,
          why,
        ];
        return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
      });
      return [`## ${heading}`, '', '| typed | whose | is | |', '|---|---|---|---|', ...lines].join('\n');
    })
    .join('\n\n');
}
