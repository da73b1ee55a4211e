/** One scan from target to report. */
import type { Config } from '../../config/schema.ts';
import { ecosystems } from '../../ecosystems/index.ts';
import { messageOf } from '../../errors.ts';
import type { DatabaseOptions } from '../database/database-options.ts';
import { openEngines } from '../database/open-engines.ts';
import type { PublishedSettings } from '../database/published-options.ts';
import type { UpdatePolicy } from '../database/update-feeds.ts';
import { createdAt, formatInput } from '../formats/format-input.ts';
import type { FormatInput } from '../formats/view.ts';
import { matchesOf, type ScanResult } from '../outcome/scan-result.ts';
import { exitCodeOf, isUncounted, unaccountedOf } from '../policy/exit-code.ts';
import { hitsOf, parseGate } from '../policy/gate.ts';
import type { Verdicts } from '../policy/policy-options.ts';
import { type Judged, type Selection, select } from '../policy/selection.ts';
import { sortMatches } from '../policy/sort-matches.ts';
import type { Progress } from '../terminal/progress.ts';
import { type AttachKind, attach, requirePlace } from './attach.ts';
import { type AttachedDocuments, type AttachedFlags, attachedTo } from './attached-documents.ts';
import { matchFresh } from './match-target.ts';
import type { Outputs } from './output-options.ts';
import { openSubject, type Subject, type SubjectOptions } from './subject.ts';
import { writeReports } from './write-reports.ts';

export interface ScanOptions extends SubjectOptions {
  readonly config: Config;
  readonly database: DatabaseOptions;
  readonly outputs: Outputs;
  readonly verdicts: Verdicts;
  readonly update: UpdatePolicy;
  readonly published: PublishedSettings;
  /** Path, URL or `-`: the only advisories that there are; undefined: those of the database. */
  readonly feeds?: string;
  readonly attached: AttachedFlags;
  /** What is attached to the image in the end. */
  readonly attach: readonly AttachKind[];
}

/** Scans `text` (see `openSbom` and `openTarget`), writes the reports, and gives the exit code. Throws what kept it from being done. */
export async function scan(text: string, options: ScanOptions): Promise<number> {
  const { progress, outputs, attach: kinds } = options;
  await using subject = await openSubject(text, options);
  if (kinds.length > 0) requirePlace(subject);
  const attached = await attachedTo(subject, options.attached, options);
  const verdicts = options.verdicts.withVex(attached.vex);
  const { feeds, signal } = options;
  const only = feeds === undefined ? undefined : { feeds, signal };
  await using engines = await openEngines(options.database, progress.show, options.config, only);
  const index = attached.sbom?.index ?? (await subject.index(engines));
  const { name, kind, names } = subject;
  const target = { name, kind, names: attached.sbom ? { ...names, sbom: attached.sbom.names } : names };
  const { result: matched } = await matchFresh(engines, target, index, { ...options, ...verdicts });
  const result = withNotices(matched, attached);
  progress.clear();

  const input = judge(result, verdicts, {
    outputs,
    instructions: await instructionsOf(subject, result, options),
  });
  await writeReports(outputs, input);
  if (kinds.length > 0) await attach(subject, kinds, input, options);
  return finish(input, verdicts, progress);
}

/** What was attached to the image is told in the report, beside what ignore files say. */
export function withNotices(result: ScanResult, { notes }: AttachedDocuments): ScanResult {
  return notes.length === 0 ? result : { ...result, notices: [...notes, ...result.notices] };
}

/** The exit code; what the gate hits is told. */
export function finish(input: FormatInput, { gate, exitCode }: Verdicts, progress: Progress): number {
  const { result } = input;
  // As in Trivy: of what is shown, any finding.
  if (gate === undefined && exitCode !== undefined)
    return exitCodeOf(
      result,
      input.matches.filter((match) => input.counted.includes(match)),
      parseGate('unknown'),
      exitCode,
    );
  const hits =
    gate === undefined || result.example !== undefined
      ? []
      : hitsOf(gate, input.counted, unaccountedOf(result));
  if (hits.length > 0)
    progress.note(`--fail-on ${hits.map(({ text: name, count }) => `${name}: ${count}`).join(', ')}`);
  if (isUncounted(result, gate))
    progress.note('--fail-on unaccounted: the files of this target were not counted. Scan the image itself');
  return exitCodeOf(result, input.counted, gate, exitCode);
}

/** How a result is shown beside its verdicts. */
export interface Presentation {
  readonly outputs?: Outputs;
  readonly instructions?: ReadonlyMap<string, string>;
  /** Default: by the verdicts. */
  readonly selection?: (findings: readonly Judged[]) => Selection;
  /** When the result was had; default: now. */
  readonly created?: Date;
}

/** What of a result is shown, and what counts. */
export function judge(
  result: ScanResult,
  verdicts: Verdicts,
  { outputs, instructions, selection, created }: Presentation = {},
): FormatInput {
  const now = new Date();
  return formatInput(
    {
      result,
      matches: sortMatches(matchesOf(result.report, ecosystems), verdicts.order),
      ecosystems,
      now,
      showSuppressed: verdicts.showSuppressed,
      ...(verdicts.top !== undefined && { top: verdicts.top }),
      ...(verdicts.group && { group: verdicts.group }),
      ...(outputs?.template && { template: outputs.template }),
      ...(instructions && { instructions }),
      select: selection ?? ((findings) => select(findings, verdicts.policyFor(result))),
    },
    created ?? createdAt(process.env, now),
  );
}

/** By digest of a layer: what made it, if there is a file or a format to tell it of. A history that cannot be had is told, and no more. */
async function instructionsOf(
  subject: Subject,
  result: ScanResult,
  { outputs: { reports }, attach: kinds, progress }: Pick<ScanOptions, 'outputs' | 'attach' | 'progress'>,
): Promise<ReadonlyMap<string, string>> {
  const wantsIt = kinds.includes('sarif') || reports.some(({ format }) => format === 'sarif');
  if (!wantsIt && (unaccountedOf(result) ?? 0) === 0) return new Map();
  try {
    const history = await subject.history();
    return new Map(history.map((instruction, position) => [subject.layers[position] ?? '', instruction]));
  } catch (error) {
    progress.note(`the instructions that added layers are unknown: ${messageOf(error)}`);
    return new Map();
  }
}
