/** `docs/reference/other-tools.md`: commands and flags of other scanners that `clairctl` accepts. */
import { WORD_LISTS } from '../src/cli/foreign/word-list.ts';

export const ABOUT_WORDS = `\`clairctl\` accepts command lines of Trivy, Grype, Syft and Docker Scout, such as \`clairctl image NAME\` and \`clairctl NAME -o json\`. It
translates what it supports. It rejects what it does not support with exit code 1, and names its own option. \`-o json\` selects a format,
not a file (\`-o ./json\` does). The commands of Clair v4 (\`report\`, \`manifest\`, \`delete\`, …) keep their flags. \`clairctl words\` prints
these tables. To replace another scanner in a pipeline, see [migrate from Trivy or Grype](../how-to/migrate-from-trivy-or-grype.md).

- A single word such as \`alpine\` is not a target, because it can be a mistyped command. \`clairctl scan alpine\` scans it.
- \`--exit-code N\` replaces exit code 2. Without \`--fail-on\`, it applies to any finding that is shown, as in Trivy. An incomplete scan without
  such a finding still returns 3.
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
      return [
        `## ${heading}`,
        '',
        '| option | scanner | in clairctl | note |',
        '|---|---|---|---|',
        ...lines,
      ].join('\n');
    })
    .join('\n\n');
}
