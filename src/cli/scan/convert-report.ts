/** A report that was read, as formats are made from it: as it was, and then as the verdicts of now want it. */
import type { FormatInput } from '../formats/view.ts';
import type { Verdicts } from '../policy/policy-options.ts';
import { type Judged, type Selection, type Suppressor, select } from '../policy/selection.ts';
import type { Outputs } from './output-options.ts';
import { keyOfFinding, type ReadReport } from './read-report.ts';
import { judge } from './scan.ts';

/** What was suppressed is so again, with its reason; what was hidden is counted as such; the time is that of the report. */
export function inputOf(read: ReadReport, verdicts: Verdicts, outputs?: Outputs): FormatInput {
  const { open, accepted, notices } = verdicts.accept(read.result.incomplete);
  const result = {
    ...read.result,
    incomplete: open,
    accepted: [...read.result.accepted, ...accepted],
    notices: [...read.result.notices, ...notices],
    problems: [...read.result.problems, ...verdicts.problems],
  };
  return judge(result, verdicts, {
    ...(outputs && { outputs }),
    ...(read.created && { created: read.created }),
    selection: (findings) => selected(findings, read, verdicts.policyFor(result)),
  });
}

function selected(
  findings: readonly Judged[],
  { suppressed, shown }: ReadReport,
  policy: ReturnType<Verdicts['policyFor']>,
): Selection {
  const before: Suppressor = {
    suppress(finding) {
      const key = keyOfFinding(finding);
      // Of two that look the same, one that counts is not hidden by the other.
      return shown?.has(key) ? undefined : suppressed.get(key);
    },
    notices: () => [],
  };
  const selection = select(findings, { ...policy, suppressors: [before, ...policy.suppressors] });
  const wasHidden = (position: number): boolean => shown?.has(keyOfFinding(findings[position]!)) === false;
  // Which flag hid it is not known: it counts for the gate, as what --severity hides.
  return {
    ...selection,
    shown: selection.shown.filter((position) => !wasHidden(position)),
    otherSeverity: [...selection.otherSeverity, ...selection.shown.filter(wasHidden)],
  };
}
