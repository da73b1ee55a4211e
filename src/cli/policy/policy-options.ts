/** The flags by which `scan` knows what counts: `--severity`, `--fail-on`, `--ignore-file`, `--vex` and their like. */
import { stat } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { IncompleteWire } from '../../matcher/report/report-wire.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import type { ScanResult } from '../outcome/scan-result.ts';
import type { Progress } from '../terminal/progress.ts';
import { type Acceptance, type AcceptEntry, accept } from './accepted.ts';
import { exclusionAccepts, exclusionRules, parseExclusion } from './exclusions.ts';
import { GATE_SYNTAX, type Gate, joinGates, parseGate } from './gate.ts';
import type { IgnoreEntry } from './ignore-entry.ts';
import { ignoreRules } from './ignore-rules.ts';
import { DEFAULT_FILES, readIgnoreFile } from './read-ignore-file.ts';
import { imageIdentity } from './scanned-image.ts';
import type { Policy } from './selection.ts';
import { parseSeverities } from './severity-list.ts';
import { ORDERS, type Order } from './sort-matches.ts';
import { readVexFile, VEX_TOKEN, type VexFile, vexRules } from './vex-rules.ts';

/** What `--group` puts together. */
export const GROUPINGS = ['package', 'cve', 'upgrade'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** In place of a file: what the registry holds for the image. */
export const ATTACHED = 'oci';

/** Files that say what does not count. */
export interface PolicyFiles {
  /** false: `--no-ignore-file`. */
  readonly ignoreFile?: readonly string[] | false;
  /** Paths, and `ATTACHED`. */
  readonly vex?: readonly string[];
  /** A public key: what is attached has to be signed by it. */
  readonly key?: string;
  /** Patterns of paths, as `parseExclusion` gives them. */
  readonly exclude?: readonly string[];
  /** Flags of registries: tokens may go without TLS as well. */
  readonly plainHttp?: boolean | undefined;
  readonly insecure?: boolean | undefined;
}

export interface PolicyOptions extends PolicyFiles {
  readonly severity?: ReadonlySet<Severity>;
  readonly failOn?: Gate;
  readonly exitCode?: number;
  readonly onlyFixed: boolean;
  readonly ignoreUnfixed: boolean;
  readonly onlyNotfixed: boolean;
  readonly linked: boolean;
  readonly showSuppressed: boolean;
  readonly sort: Order;
  readonly top?: number;
  readonly group?: Grouping;
}

/** All of it, read. */
export interface Verdicts {
  readonly gate?: Gate;
  /** In place of 2; without a gate, for whatever is shown. */
  readonly exitCode?: number;
  readonly order: Order;
  readonly showSuppressed: boolean;
  /** How many rows or groups tables for people list; undefined: all. */
  readonly top?: number;
  readonly group?: Grouping;
  readonly policyFor: (result: ScanResult) => Policy;
  /** What of the missing parts of a report counts. */
  readonly accept: (incomplete: readonly IncompleteWire[]) => Acceptance<IncompleteWire>;
  /** What of the files could not be used. */
  readonly problems: VexFile['problems'];
  /** The same with more documents. */
  readonly withVex: (documents: readonly VexFile[]) => Verdicts;
}

export function addPolicyOptions(command: Command): Command {
  addFilters(command).addOption(
    new Option(
      '--exit-code <n>',
      'exit code instead of 2; without --fail-on, if any finding is shown',
    ).argParser(readExitCode),
  );
  return addPolicyFiles(command)
    .addOption(new Option('--show-suppressed', 'list suppressed findings with their reasons').default(false))
    .addOption(
      new Option('--sort <order>', 'sort by risk, severity, epss, kev, package or vulnerability')
        .choices(ORDERS)
        .default(ORDERS[0]),
    )
    .addOption(
      new Option('--top <n>', 'table, markdown: list only the first n rows or groups').argParser(readTop),
    )
    .addOption(
      new Option('--group <by>', 'table: group by package, cve or upgrade, with the remediation').choices(
        GROUPINGS,
      ),
    );
}

/** `--fail-on`, and what is shown. */
export function addFilters(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--fail-on <condition>',
        'exit with 2 if a finding matches: a severity or above, kev, epss>0.5, fixable, unaccounted; "," means or, "+" means and',
      ).argParser(readGate),
    )
    .addOption(
      new Option(
        '--severity <list>',
        'show only these severities, such as high,critical or high+; hidden findings still count for --fail-on',
      ).argParser(readSeverities),
    )
    .addOption(
      new Option('--only-fixed', 'hide findings without a fix, and exclude them from --fail-on').default(
        false,
      ),
    )
    .addOption(new Option('--ignore-unfixed', 'same as --only-fixed').default(false))
    .addOption(
      new Option('--only-notfixed', 'show only what has no fix; --fail-on still counts the rest')
        .default(false)
        .conflicts(['onlyFixed', 'ignoreUnfixed']),
    )
    .addOption(
      new Option(
        '--linked',
        'exclude findings from --fail-on whose vulnerable code is not linked into the program; they are still shown',
      ).default(false),
    );
}

/** `--ignore-file`, `--exclude` and `--vex`. */
export function addPolicyFiles(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--ignore-file <file>',
        `suppress findings by rules with reason and expiry (default: the first of ${DEFAULT_FILES.join(', ')} that exists)`,
      ).argParser(readList),
    )
    .addOption(new Option('--no-ignore-file', 'do not read an ignore file from the working directory'))
    .addOption(
      new Option('--exclude <path>', 'suppress findings below a path or pattern').argParser(readExclusions),
    )
    .addOption(
      new Option(
        '--vex <file>',
        `apply VEX from a file or URL (token: ${VEX_TOKEN}): OpenVEX, CSAF or CycloneDX; oci: attached to the image`,
      ).argParser(readList),
    )
    .addOption(new Option('--key <file>', 'use only attached documents signed by this public key'));
}

/** Reads the files. Throws `bad-config`. */
export async function verdictsOf(
  options: PolicyFiles & Partial<PolicyOptions>,
  progress: Progress,
  now: Date,
): Promise<Verdicts> {
  const {
    severity,
    failOn,
    exitCode,
    onlyFixed,
    ignoreUnfixed,
    onlyNotfixed,
    linked,
    exclude = [],
    vex = [],
    showSuppressed,
    sort,
    top,
    group,
  } = options;
  const entries: IgnoreEntry[] = [];
  const accepts: AcceptEntry[] = exclusionAccepts(exclude);
  for (const path of await ignoreFilesOf(options, progress)) {
    const file = await readIgnoreFile(path);
    entries.push(...file.ignore);
    accepts.push(...file.accept);
  }
  const documents: VexFile[] = [];
  const access = {
    token: process.env[VEX_TOKEN],
    allowsHttp: options.plainHttp === true || options.insecure === true,
  };
  for (const path of vex) if (path !== ATTACHED) documents.push(await readVexFile(path, access));
  const verdictsWith = (documents: readonly VexFile[]): Verdicts => ({
    ...(failOn && { gate: failOn }),
    ...(exitCode !== undefined && { exitCode }),
    order: sort ?? ORDERS[0],
    showSuppressed: showSuppressed === true,
    ...(top !== undefined && { top }),
    ...(group && { group }),
    accept: (incomplete) => accept(incomplete, accepts, now),
    problems: documents.flatMap(({ problems }) => problems),
    policyFor: (result) => ({
      onlyFixed: onlyFixed === true || ignoreUnfixed === true,
      onlyNotFixed: onlyNotfixed === true,
      onlyLinked: linked === true,
      ...(severity && { severities: severity }),
      suppressors: [
        ignoreRules(entries, now),
        exclusionRules(exclude),
        vexRules(documents, imageIdentity(result)),
      ],
    }),
    withVex: (more) => verdictsWith([...documents, ...more]),
  });
  return verdictsWith(documents);
}

/** Those that were named; else the first of the usual ones that is there, which is told. */
async function ignoreFilesOf({ ignoreFile }: PolicyFiles, progress: Progress): Promise<readonly string[]> {
  if (ignoreFile === false) return [];
  if (Array.isArray(ignoreFile)) return ignoreFile as readonly string[];
  for (const name of DEFAULT_FILES) {
    const isThere = await stat(name).then(
      (found) => found.isFile(),
      () => false,
    );
    if (!isThere) continue;
    progress.note(`ignore file: ${name} (disable with --no-ignore-file)`);
    return [name];
  }
  return [];
}

function readGate(text: string, before?: Gate): Gate {
  const gate = parseGate(text);
  if (gate === undefined)
    throw new InvalidArgumentError(`expected ${GATE_SYNTAX}; "," means or, "+" means and.`);
  return joinGates(before, gate);
}

function readTop(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('expected a number of at least 1.');
  return Number(text);
}

function readExitCode(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > 255)
    throw new InvalidArgumentError('expected a number from 0 to 255.');
  return Number(text);
}

function readSeverities(text: string): ReadonlySet<Severity> {
  const severities = parseSeverities(text);
  if (severities === undefined)
    throw new InvalidArgumentError(
      `expected ${SEVERITIES.map((name) => name.toLowerCase()).join(', ')}, separated by commas, or a minimum such as high+.`,
    );
  return severities;
}

function readExclusions(text: string, before: readonly string[] = []): readonly string[] {
  const patterns = text
    .split(',')
    .filter((each) => each.trim() !== '')
    .map(parseExclusion);
  if (patterns.includes(undefined) || patterns.length === 0)
    throw new InvalidArgumentError('want a path or pattern below the root, as in usr/share or **/testdata.');
  return [...before, ...(patterns as string[])];
}

/** Repeated, or a list with commas: what an environment variable can say. */
function readList(text: string, before?: readonly string[] | boolean): readonly string[] {
  const files = text.split(',').filter((file) => file !== '');
  return [...(Array.isArray(before) ? (before as readonly string[]) : []), ...files];
}
