/** Suite `next-day`: what is known the day after: reports again, and what changed between the two days. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readImages, readRecorded } from '../corpus.ts';
import { judgeReport, type Verdict } from '../verdict.ts';
import type { Suite, SuiteContext } from './suite.ts';

interface Operation {
  readonly ref: string;
  readonly updater: string;
}

type Vulnerability = Readonly<Record<string, unknown>>;

interface Diff {
  readonly cur: Operation;
  readonly added: readonly Vulnerability[] | null;
  readonly removed: readonly Vulnerability[] | null;
}

/** Judges the reports and the differences of the second day. */
export const nextDaySuite: Suite = {
  name: 'next-day',
  async *run(context) {
    const images = readImages(context.corpus, 'images-step2').filter(({ name }) =>
      context.images.some((image) => image.name === name),
    );
    // A report is of what was indexed before.
    for (const image of images) await context.answersFor(image);
    await context.nextDay();
    for (const image of images) yield judgeReport(image, await context.answersFor(image), context.evidence);
    const operations = (await getJson(context, 'update_operation')) as Record<string, Operation[]>;
    for (const golden of recordedDiffs(context.corpus)) yield await judgeDiff(context, operations, golden);
  },
};

function recordedDiffs(corpus: string): Diff[] {
  const folder = join(corpus, 'golden', 'update_diff');
  return readdirSync(folder)
    .sort()
    .map((name) => readRecorded(join(folder, name)) as Diff)
    .filter(({ cur }) => cur !== undefined);
}

async function judgeDiff(
  context: SuiteContext,
  operations: Record<string, Operation[]>,
  golden: Diff,
): Promise<Verdict> {
  const { updater } = golden.cur;
  const [cur, prev] = operations[updater] ?? [];
  const wrong: string[] = [];
  if (cur === undefined || prev === undefined) wrong.push('there are no two operations of it');
  else {
    const ours = (await getJson(context, `update_diff?cur=${cur.ref}&prev=${prev.ref}`)) as Diff;
    for (const side of ['added', 'removed'] as const) {
      const [want, have] = [linesOf(golden[side]), linesOf(ours[side])];
      for (const line of want) if (!have.has(line)) wrong.push(`${side}: lacks ${line}`);
      for (const line of have) if (!want.has(line)) wrong.push(`${side}: has also ${line}`);
    }
  }
  const verdict = wrong.length > 0 ? 'wrong' : 'equal';
  return { name: `update_diff of ${updater}`, verdict, wrong, explained: new Map(), notYet: [] };
}

/** A vulnerability by what it says, without ids and what Clair leaks of its own (clair-matching.md#vulnerabilities-in-json) or never fills. */
function linesOf(vulnerabilities: readonly Vulnerability[] | null): Set<string> {
  const left = new Set(['id', 'Self', 'Aliases', 'range', 'Bounds']);
  const line = (value: unknown): string =>
    JSON.stringify(value, (key, inner: unknown) => {
      if (left.has(key)) return undefined;
      if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
      return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
    });
  return new Set((vulnerabilities ?? []).map(line));
}

async function getJson({ serviceAddress }: SuiteContext, path: string): Promise<unknown> {
  const response = await fetch(`${serviceAddress}/matcher/api/v1/internal/${path}`);
  if (response.status !== 200) throw new Error(`GET ${path} answered ${response.status}`);
  return await response.json();
}
