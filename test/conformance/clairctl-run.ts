/** Compares one run of `clairctl` with Clair's: the exit code, and what was printed as a script would read it. */
import { isDeepStrictEqual } from 'node:util';
import { parse as parseYaml } from 'yaml';
import { parseDuration } from '../../src/lib/duration.ts';
import type { CorpusImage } from './corpus.ts';
import type { RawReport } from './normal-form.ts';
import type { SuiteContext } from './suites/suite.ts';
import { judgeReport, type Verdict } from './verdict.ts';

/** One run and its recorded answer; in ours the names and digests are the recorded ones. */
export interface Run {
  readonly name: string;
  readonly args: readonly string[];
  /** The configuration that it names, as it is now. */
  readonly input?: string | undefined;
  readonly golden: { readonly code: number; readonly stdout: string };
  readonly ours: { readonly code: number; readonly stdout: string; readonly stderr: string };
}

/** What differs on purpose; the reasons are in docs/reference/differences.md, under `cli`. */
interface Outcome {
  readonly wrong: string[];
  readonly explained: Map<string, string[]>;
}

/** Judges `run`; findings that differ are wrong unless the suite of reports has reasons for that package. */
export async function compareRun(run: Run, context: SuiteContext): Promise<Verdict> {
  const outcome: Outcome = { wrong: [], explained: new Map() };
  const { golden, ours, args } = run;
  const isUsage = golden.stdout.startsWith('Incorrect Usage');
  if (golden.code !== ours.code) {
    const line = `exit code ${ours.code}, Clair's ${golden.code}: ${ours.stderr.trim().slice(0, 300)}`;
    if (isUsage && ours.code === 1) explain(outcome, 'clairctl-usage', line);
    else if (golden.code === 1 && ours.code === 0 && (await isBetter(run, context)))
      explain(outcome, 'clairctl-indexed', line);
    else outcome.wrong.push(line);
  }
  if (ours.code !== 0 && ours.stderr === '') outcome.wrong.push('it failed without a word');
  if (isUsage) {
    if (ours.stdout !== '') outcome.wrong.push('what is wrong with the command line is on stdout');
  } else if (golden.code !== 0 && ours.code !== 0) {
    const lines = args.includes('-k') ? ours.stdout.split('\n').filter(Boolean) : [];
    if (lines.length > 0) explain(outcome, 'clairctl-keep-going', lines.slice(0, 1).join());
    else if (ours.stdout !== '') outcome.wrong.push(`it printed ${ours.stdout.slice(0, 200)}`);
  } else if (args.includes('check-config')) compareConfig(run, outcome);
  else if (args.includes('manifest')) compareManifests(run, outcome);
  else if (golden.code !== ours.code) return done(run, outcome);
  else if (args.includes('report')) await compareReports(run, context, outcome);
  else if (golden.stdout === '' && ours.stdout !== '') outcome.wrong.push('Clair prints nothing');
  else if (golden.stdout !== '' && ours.stdout === '') outcome.wrong.push('it prints nothing');
  return done(run, outcome);
}

function done({ name }: Run, { wrong, explained }: Outcome): Verdict {
  const verdict = wrong.length > 0 ? 'wrong' : explained.size > 0 ? 'better' : 'equal';
  return { name, verdict, wrong, explained, notYet: [] };
}

/** Whether the suite of reports has reasons for every image: we have an answer where Clair has none. */
async function isBetter({ args }: Run, context: SuiteContext): Promise<boolean> {
  const verdicts = await Promise.all(
    imagesOf(args, context).map(async (image) =>
      judgeReport(image, await context.answersFor(image), context.evidence),
    ),
  );
  return verdicts.length > 0 && verdicts.every(({ verdict }) => verdict === 'better');
}

function imagesOf(args: readonly string[], { images }: SuiteContext): CorpusImage[] {
  return args.flatMap((word) => {
    const name = /\/lab\/([^:@]+)/.exec(word)?.[1];
    return images.filter((image) => image.name === name);
  });
}

function explain({ explained }: Outcome, rule: string, line: string): void {
  explained.set(rule, [...(explained.get(rule) ?? []), line]);
}

/** Several documents in a row, whatever is between them. */
function documents(text: string): unknown[] {
  const lines = text.replaceAll('}{"', '}\n{"').split('\n');
  return lines.filter(Boolean).map((line) => JSON.parse(line) as unknown);
}

function compareManifests({ golden, ours }: Run, { wrong }: Outcome): void {
  const sorted = (text: string) =>
    documents(text)
      .map((each) => JSON.stringify(each))
      .sort();
  if (!isDeepStrictEqual(sorted(golden.stdout), sorted(ours.stdout)))
    wrong.push(`manifests: ${ours.stdout.slice(0, 300)}`);
}

async function compareReports(
  { golden, ours, args }: Run,
  context: SuiteContext,
  outcome: Outcome,
): Promise<void> {
  const images = imagesOf(args, context);
  if (args.includes('json')) {
    const theirs = documents(golden.stdout) as RawReport[];
    const reports = documents(ours.stdout) as RawReport[];
    if (reports.length !== images.length) outcome.wrong.push(`${reports.length} reports`);
    for (const [index, image] of images.entries()) {
      const vulnerability = theirs.find(({ manifest_hash: hash }) => hash === reports[index]?.manifest_hash);
      const recorded = { ...image, golden: { ...image.golden, vulnerability, vulnerabilityStatus: 200 } };
      const answers = { ...(await context.answersFor(image)), vulnerability: reports[index] };
      judge(judgeReport(recorded, answers, context.evidence), outcome);
    }
    return;
  }
  const read = args.includes('xml') ? suitesOf : linesOf;
  const [theirs, mine] = [read(golden.stdout), read(ours.stdout)];
  // Where Clair says "ok" of what it has not checked.
  for (const line of mine) {
    const name = /^(\S+) (?:incomplete|unread|undecided) /.exec(line)?.[1];
    if (name === undefined && !/<error message="not checked: /.test(line)) continue;
    mine.delete(line);
    if (name !== undefined) theirs.delete(`${name} ok`);
    explain(outcome, 'clairctl-not-checked', line);
  }
  const differing = [
    ...[...theirs].filter((line) => !mine.has(line)).map((line) => `missing: ${line}`),
    ...[...mine].filter((line) => !theirs.has(line)).map((line) => `extra: ${line}`),
  ];
  if (differing.length === 0) return;
  const subjects: string[] = [];
  for (const image of images) {
    const verdict = judgeReport(image, await context.answersFor(image), context.evidence);
    for (const reason of [...verdict.explained.values()].flat()) {
      // `apk busybox 1.36.1-r0 x86_64: missing vulnerability …`
      const [, subject] = /^\S+ (\S+ \S+)(?: \S+)?: /.exec(reason) ?? [];
      if (subject !== undefined) subjects.push(` ${subject}`);
    }
  }
  for (const line of differing) {
    const isCount = / tests="\d+"/.test(line) && subjects.length > 0;
    if (isCount || subjects.some((subject) => line.includes(subject))) explain(outcome, 'report', line);
    else outcome.wrong.push(line);
  }
}

function judge({ wrong, explained }: Verdict, outcome: Outcome): void {
  outcome.wrong.push(...wrong);
  for (const [rule, lines] of explained) for (const line of lines) explain(outcome, rule, line);
}

/** Lines as a set, columns by single spaces. */
function linesOf(text: string): Set<string> {
  return new Set(
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => line.trim().replace(/\s+/g, ' ')),
  );
}

/** Suites, and their cases with what was found, as lines. */
function suitesOf(text: string): Set<string> {
  const lines = new Set<string>();
  for (const [, attributes = '', content = ''] of text.matchAll(/<testsuite ([^>]*)>(.*?)<\/testsuite>/gs)) {
    const name = /name="([^"]*)"/.exec(attributes)?.[1];
    const counts = attributes
      .replace(/name="[^"]*" /, '')
      .split(' ')
      .sort()
      .join(' ');
    lines.add(`${name} ${counts} ${/<property .*?<\/property>/.exec(content)?.[0]}`);
    for (const [, title, body = ''] of content.matchAll(/<testcase name="([^"]*)">(.*?)<\/testcase>/gs)) {
      const found = body.replace(/<\/?failure>/g, '').split(/&#(?:xA|10);&#(?:x9|9);/);
      lines.add(`${name} ${title}: ${found.sort().join(', ')}`);
    }
  }
  return lines;
}

function compareConfig({ golden, ours, args, input = '' }: Run, outcome: Outcome): void {
  const given = settled(parseYaml(input));
  const isYaml = args.includes('yaml');
  const theirs = settled(isYaml ? parseYaml(golden.stdout) : JSON.parse(golden.stdout));
  const mine = settled(isYaml ? parseYaml(ours.stdout) : JSON.parse(ours.stdout));
  for (const path of new Set([...theirs.keys(), ...mine.keys()])) {
    const [a, b] = [theirs.get(path), mine.get(path)];
    if (a === b) continue;
    const line = `${path}: ${b}, Clair's ${a}`;
    // The recorded files were changed after Clair had been asked.
    if (b !== undefined && b === given.get(path)) explain(outcome, 'clairctl-input', line);
    else if (b === '[hidden]') explain(outcome, 'clairctl-secrets', line);
    else if (isYaml && typeof a === 'number' && b !== undefined)
      explain(outcome, 'clairctl-yaml-words', line);
    else outcome.wrong.push(line);
  }
}

/** Path -> value of every leaf that says something: what Go writes for nothing is left out, durations are numbers. */
function settled(value: unknown, path = '', leaves = new Map<string, unknown>()): Map<string, unknown> {
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) settled(inner, `${path}.${key}`, leaves);
  } else if (value !== '' && value !== null && value !== undefined) {
    const duration = typeof value === 'string' ? parseDuration(value) : undefined;
    leaves.set(path, duration ?? value);
  }
  return leaves;
}
