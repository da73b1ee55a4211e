/** Makes the input of formats from the result of a scan. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import { AppError } from '../../errors.ts';
import { fromWire, type PackageWire } from '../../model/index-report-wire.ts';
import type { Ledger } from '../../model/ledger.ts';
import { formatPurl, parsePurl } from '../../model/purl.ts';
import { purlOf } from '../../sbom/inventory.ts';
import type { Judged, Selection } from '../policy/selection.ts';
import { makeView } from './make-view.ts';
import { findingOf } from './report-finding.ts';
import type { FormatInput, LedgerView } from './view.ts';

type Shown = 'color' | 'showSuppressed' | 'top' | 'group' | 'template' | 'instructions';

/** The result of a scan with all of its `matches`, and how it is to be shown. */
export interface FormatParts
  extends Pick<FormatInput, 'result' | 'matches' | 'ecosystems' | 'now'>,
    Partial<Pick<FormatInput, Shown>> {
  /** Selects what is shown; default: everything. */
  readonly select?: (findings: readonly Judged[]) => Selection;
}

/** Returns the input of formats. `created` is the time of the report. */
export function formatInput(parts: FormatParts, created: Date): FormatInput {
  const { result, matches, ecosystems, select = selectAll, instructions, ...rest } = parts;
  const { report: index, packageIds } = fromWire({
    ...result.report,
    ...(result.linked && { linked: result.linked }),
    state: 'IndexFinished',
    success: true,
    err: '',
  });
  const purls = new Map(
    index.packages.map((each, position) => [packageIds[position]!, purlOf(each, ecosystems) ?? '']),
  );
  const findings = matches.map((match) => findingOf(match, result.report, purls));
  const { sbom } = result.names;
  const components = new Map(packageIds.map((id, position) => [id, sbom?.components[position]]));
  const selection = select(
    findings.map((finding, position) => ({
      ...finding,
      components: components.get(matches[position]!.packageId) ?? [],
      sourcePurl: sourcePurlOf(
        finding.purl,
        result.report.packages[matches[position]!.packageId]?.source,
        ecosystems,
      ),
    })),
  );
  const { shown, suppressed, otherSeverity, unfixed, fixed } = selection;
  const left = new Set([...shown, ...fixed, ...otherSeverity]);
  return {
    color: false,
    showSuppressed: false,
    ...rest,
    ...(instructions && { instructions }),
    result,
    ecosystems,
    matches: shown.map((position) => matches[position]!),
    suppressedMatches: suppressed.map(({ position }) => matches[position]!),
    counted: matches.filter(
      ({ linked }, position) => left.has(position) && !(selection.onlyLinked && linked === 'no'),
    ),
    leftOut: [...unfixed, ...fixed, ...otherSeverity].map((position) => matches[position]!),
    index: { ...index, problems: result.problems },
    packageIds,
    view: {
      ...makeView(result, findings, selection, created, ecosystems),
      ...(index.ledger && { ledger: ledgerView(index.ledger, instructions) }),
    },
  };
}

function ledgerView(
  { accounts, unaccounted }: Ledger,
  instructions: ReadonlyMap<string, string> = new Map(),
): LedgerView {
  return {
    accounts,
    unaccounted: unaccounted.map((file) => ({ ...file, instruction: instructions.get(file.layer) ?? '' })),
  };
}

function selectAll(findings: readonly Judged[]): Selection {
  return {
    shown: [...findings.keys()],
    suppressed: [],
    unfixed: [],
    fixed: [],
    otherSeverity: [],
    notices: [],
  };
}

/** Returns the package URL of the source package, which many VEX statements name; '' if it has none. */
function sourcePurlOf(
  text: string,
  source: PackageWire | undefined,
  ecosystems: readonly Ecosystem[],
): string {
  const purl = parsePurl(text);
  if (purl === undefined || !source?.name) return '';
  const mapping = ecosystems.find((each) => each.purl?.types.includes(purl.type))?.purl;
  const found = mapping?.ofSource?.(purl, { name: source.name, version: source.version });
  return found === undefined ? '' : formatPurl(found);
}

/** Returns the time of a report: SOURCE_DATE_EPOCH in seconds if set (reproducible-builds.org), otherwise `now`. */
export function createdAt(env: NodeJS.ProcessEnv, now: Date): Date {
  const epoch = env.SOURCE_DATE_EPOCH;
  if (!epoch) return now;
  const date = new Date(Number(epoch) * 1000);
  if (!/^\d+$/.test(epoch) || Number.isNaN(date.getTime()))
    throw new AppError(
      'bad-config',
      `SOURCE_DATE_EPOCH is ${JSON.stringify(epoch)}, expected seconds since 1970`,
    );
  return date;
}
