/** What came of comparing trees, as tables of the documents. */
import { readFileSync } from 'node:fs';
import { type Figures, TREES } from './figures.ts';

const FIGURES = new URL('./figures.json', import.meta.url);

/** The section on `figures.json`, which compare.ts writes. */
export function comparedTrees(
  table: (header: readonly string[], rows: readonly (readonly string[])[]) => string,
): string {
  const figures = JSON.parse(readFileSync(FIGURES, 'utf8')) as readonly Figures[];
  const found = figures.map(({ tree, ours, syft, trivy, alone }) => {
    const what = TREES.find((each) => each.tree === tree)?.what ?? '';
    return [tree, what, ...[ours, syft, trivy, alone].map(String)];
  });
  const missing = figures.flatMap(({ tree, reasons }) =>
    reasons.map(({ reason, count }) => [tree, String(count), reason]),
  );
  return [
    '## Compared with Syft and Trivy\n',
    'Packages found in trees of real packages, counted once for each type, name and version. The trees `debian` to `maven` are fetched from',
    'the registries of their languages; the others hold the files that their package managers leave, with real names and versions.',
    'Syft 1.51.0 reads each tree with `dir:` and all of its catalogers, Trivy 0.74.0 with `rootfs`, or with `fs` where the tree is a lock file. Trivy has no database of',
    'Java archives here. `alone` counts packages that neither of the others finds.\n',
    table(['tree', 'what is in it', 'Clair', 'Syft', 'Trivy', 'alone'], found),
    '\nWhat either of the others finds and Clair does not, with the reason:\n',
    table(['tree', 'packages', 'reason'], missing),
    '\nTo regenerate the tables, run `scripts/trees/make.sh DIRECTORY && node scripts/node24.mjs scripts/trees/compare.ts DIRECTORY SYFT TRIVY`.',
    'The comparison fails if a package is missing without a reason in `reasons.ts`. A reason names the files that a package was found in, or what Clair finds',
    'in its stead, and holds only if that is so.',
  ].join('\n');
}
