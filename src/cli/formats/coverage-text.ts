/** Text of the coverage entries of a report. */
import { counted } from '../../lib/counted.ts';
import type { Accepted, CoverageEntry, Notice } from '../../model/coverage.ts';
import type { Problem } from '../../model/package.ts';

/** Returns an entry as text: `npm: no feed covers it (3 packages)`, `java: app.jar:lib/x.jar: …`. */
export function missingText({ kind, what, where, reason, count }: CoverageEntry): string {
  const place = [what, where].filter(Boolean).join(': ');
  const isOfFiles = where !== '' || count === 0;
  return `${place}: ${reason}${isOfFiles ? '' : ` (${counted(count, 'package')})`} [${kind}]`;
}

export function acceptedText(entry: Accepted): string {
  const { reason, expires, source } = entry.accepted;
  const until = expires === '' ? '' : ` until ${expires}`;
  return `${missingText(entry)}: accepted${until}: ${reason} (${source})`;
}

export function noticeText({ what, where, reason }: Notice): string {
  return [what, where, reason].filter(Boolean).join(': ');
}

/** Returns those of `problems` that no entry contains. */
export function otherProblems(
  problems: readonly Problem[],
  entries: readonly Pick<CoverageEntry, 'what' | 'where' | 'reason'>[],
): Problem[] {
  const told = new Set(entries.map(({ what, where, reason }) => JSON.stringify([what, where, reason])));
  return problems.filter(
    ({ source, where, reason, kind }) =>
      kind !== 'note' && !told.has(JSON.stringify([source, where, reason])),
  );
}
