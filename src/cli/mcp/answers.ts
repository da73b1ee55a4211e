/** What tools of the protocol answer: parts of reports, bounded, with what is left out. */
import { ecosystems } from '../../ecosystems/index.ts';
import type { FeedStatus } from '../../matcher/store/feed-status.ts';
import { upgradesOf } from '../formats/upgrades.ts';
import type { FormatInput } from '../formats/view.ts';
import { caveats, omissions } from '../formats/words.ts';
import type { Explained } from '../scan/explain-text.ts';

/** Characters of one answer: assistants read all of it. */
export const MAX_ANSWER = 60_000;
const MAX_LINES = 50;
const MAX_UPGRADES = 10;
const MAX_DESCRIPTION = 300;

/** The findings of highest risk first, at most `limit`. */
export function scanAnswer({ view }: FormatInput, limit: number, exitCode: number): object {
  const { target, manifest, distributions, summary, complete } = view;
  const findings = view.findings.slice(0, limit).map((finding) => ({
    ...{ id: finding.id, aliases: finding.aliases, severity: finding.severity, risk: finding.risk },
    ...{ package: finding.package, version: finding.version, type: finding.type, fixedIn: finding.fixedIn },
    ...(finding.epss !== undefined && { epss: finding.epss }),
    ...{ exploited: finding.exploited, undecided: finding.undecided, paths: finding.paths.slice(0, 5) },
    description: finding.description.slice(0, MAX_DESCRIPTION),
  }));
  return {
    ...{ target, manifest, distributions, packages: view.packages, summary, complete, exitCode },
    notChecked: bounded(caveats(view)),
    notes: bounded(omissions(view)),
    upgrades: upgradesOf(view.findings, ecosystems)
      .slice(0, MAX_UPGRADES)
      .map(({ name, type, from, to, fixes }) => ({ name, type, from, to, fixes: fixes.length })),
    findings,
    findingsLeftOut: view.findings.length - findings.length,
  };
}

export function explainAnswer({ packages, incomplete, ...rest }: Explained): object {
  return {
    ...rest,
    packages: packages.slice(0, MAX_LINES),
    packagesLeftOut: Math.max(0, packages.length - MAX_LINES),
    incomplete: incomplete.slice(0, MAX_LINES),
    incompleteLeftOut: Math.max(0, incomplete.length - MAX_LINES),
  };
}

/** Sets that were never asked are listed, too: they say nothing of anything. */
export function feedsAnswer(feeds: readonly FeedStatus[]): object {
  return {
    feeds: feeds.slice(0, 500),
    feedsLeftOut: Math.max(0, feeds.length - 500),
    never: feeds.length === 0 ? 'no feed was ever asked: scan loads those that a target needs' : undefined,
  };
}

/** As text of the protocol. What is too long is refused with how to ask for less, and never cut to something else. */
export function textOfAnswer(answer: object): string {
  const text = JSON.stringify(answer);
  if (text.length > MAX_ANSWER)
    throw new Error(
      `the answer has ${text.length} characters, more than ${MAX_ANSWER}: ask for fewer findings (limit)`,
    );
  return text;
}

function bounded(lines: readonly string[]): string[] {
  if (lines.length <= MAX_LINES) return lines.map((line) => line.slice(0, 1000));
  return [
    ...lines.slice(0, MAX_LINES).map((line) => line.slice(0, 1000)),
    `… and ${lines.length - MAX_LINES} more`,
  ];
}
