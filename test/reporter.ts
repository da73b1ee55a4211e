/** Our test report: what failed as it fails, then in full, and a closing line `N passed, N failed, N skipped`. */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

interface Failure {
  readonly name: string;
  readonly place: string;
  readonly reason: string;
}

/** The part of a result event that is read here: node's own types differ from release to release. */
interface Result {
  readonly name: string;
  readonly nesting: number;
  readonly file?: string;
  readonly line?: number;
  readonly skip?: string | boolean;
  readonly todo?: string | boolean;
  readonly details: {
    readonly type?: string;
    readonly duration_ms: number;
    readonly error?: Error & { failureType?: string };
  };
}

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** In CI a skip must say why: an unnoticed one would be a test that nobody has. */
const skipsMustSayWhy = process.env.CI === 'true';

/** What `--test-reporter` runs: turns the runner's events into text. */
export async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const failures: Failure[] = [];
  const skips: string[] = [];
  const files = new Map<string, Counts>();
  const count = (result: Result, as: keyof Counts): void => {
    const file = relative(process.cwd(), result.file ?? '');
    const counts = files.get(file) ?? { passed: 0, failed: 0, skipped: 0 };
    counts[as] += 1;
    files.set(file, counts);
  };
  let silentSkips = 0;
  for await (const event of source) {
    switch (event.type) {
      case 'test:stdout':
      case 'test:stderr':
        yield event.data.message;
        break;
      case 'test:pass':
      case 'test:fail': {
        const result = event.data as unknown as Result;
        const reason = result.skip ?? result.todo;
        if (result.details.type === 'suite' && event.type === 'test:pass' && reason === undefined) break;
        if (reason !== undefined && reason !== false) {
          if (skipsMustSayWhy && (reason === true || reason.trim() === '')) {
            failures.push({
              name: result.name,
              place: placeOf(result),
              reason: 'skipped without saying why',
            });
            silentSkips += 1;
            count(result, 'failed');
          } else {
            skips.push(`${result.name}${reason === true ? '' : `: ${reason}`}`);
            count(result, 'skipped');
          }
        } else if (event.type === 'test:pass') count(result, 'passed');
        else if (result.details.error?.failureType !== 'subtestsFailed') {
          const failure = {
            name: result.name,
            place: placeOf(result),
            reason: explain(result.details.error),
          };
          failures.push(failure);
          count(result, 'failed');
          yield `✖ ${failure.name} (${failure.place})\n`;
        }
        break;
      }
    }
  }
  if (skips.length > 0) yield `\nSkipped:\n${skips.map((skip) => `  ${skip}\n`).join('')}`;
  if (failures.length > 0)
    yield `\nFailed:\n${failures.map((failure) => `${describeFailure(failure)}\n`).join('')}`;
  if (silentSkips > 0) process.exitCode = 1;
  const passed = [...files.values()].reduce((sum, counts) => sum + counts.passed, 0);
  writeTally({
    passed,
    failed: failures.length,
    skipped: skips.length,
    // failures that belong to no file are none that could run again
    files: Object.fromEntries([...files].filter(([file]) => file !== '')),
  });
  yield `\n${passed} passed, ${failures.length} failed, ${skips.length} skipped\n`;
}

/** For `scripts/test.mjs`, which names the file. */
function writeTally(tally: Counts & { readonly files: Readonly<Record<string, Counts>> }): void {
  const file = process.env.CLAIR_TEST_TALLY;
  if (file !== undefined) writeFileSync(file, JSON.stringify(tally));
}

function placeOf(result: Result): string {
  return result.file === undefined ? '' : `${relative(process.cwd(), result.file)}:${result.line ?? 1}`;
}

function describeFailure({ name, place, reason }: Failure): string {
  return `✖ ${name}\n  ${place}\n${reason.replace(/^/gm, '    ')}`;
}

/** The error that the test threw (the runner wraps it as the cause of its own), without the frames of Node. */
function explain(error: unknown): string {
  const thrown = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!(thrown instanceof Error)) return typeof thrown === 'string' ? thrown : inspect(thrown);
  // The message of an assertion has the values in it already.
  const text =
    thrown.name === 'AssertionError' ? (thrown.stack ?? String(thrown)) : inspect(thrown, { depth: 4 });
  return text.replace(/\n +at [^\n]*\bnode:[^\n]*/g, '');
}

// biome-ignore lint/style/noDefaultExport: the runner loads a reporter by its default export
export default report;
