/** `npm run conformance [-- SUITE… --corpus DIR --image NAME --verbose]`: prints `SUITE: N equal, N better, N wrong`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_CORPUS, hasCorpus } from './corpus.ts';
import { RULES } from './differences.ts';
import { openSession } from './session.ts';
import { SUITES } from './suites/index.ts';
import type { Verdict } from './verdict.ts';

const MAX_LINES = 12;
process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      corpus: { type: 'string', default: DEFAULT_CORPUS },
      image: { type: 'string', multiple: true, default: [] },
      verbose: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.filter((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    process.stderr.write(
      `no suite ${unknown.join(', ')}: there are ${SUITES.map(({ name }) => name).join(', ')}\n`,
    );
    return 1;
  }
  const corpus = resolve(values.corpus);
  if (!hasCorpus(corpus)) {
    process.stderr.write(`no recordings at ${corpus}: name their folder by --corpus DIR\n`);
    return 1;
  }
  const say = (text: string) => process.stderr.write(`${text}\n`);
  await using session = await openSession(corpus, { only: values.image, say });
  let wrong = 0;
  for (const suite of SUITES) {
    if (positionals.length > 0 && !positionals.includes(suite.name)) continue;
    const verdicts: Verdict[] = [];
    for await (const verdict of suite.run(session.context)) {
      verdicts.push(verdict);
      show(verdict, values.verbose);
    }
    wrong += count(verdicts, 'wrong');
    console.log(
      `${suite.name}: ${count(verdicts, 'equal')} equal, ${count(verdicts, 'better')} better, ${count(verdicts, 'wrong')} wrong`,
    );
    explainBetter(verdicts, values.verbose);
  }
  const notYet = [...new Set(session.notYet.flatMap(({ missing }) => missing))].sort();
  if (notYet.length > 0)
    console.log(`not yet: ${session.notYet.length} images, for want of ${notYet.join(', ')}`);
  return wrong > 0 ? 1 : 0;
}

function count(verdicts: readonly Verdict[], which: Verdict['verdict']): number {
  return verdicts.filter(({ verdict }) => verdict === which).length;
}

function show({ name, verdict, wrong, explained, notYet }: Verdict, verbose: boolean): void {
  if (verdict !== 'wrong' && !verbose) return;
  const parts = notYet.length > 0 ? ` (not yet: ${notYet.join(', ')})` : '';
  console.log(`${verdict} ${name}${parts}`);
  if (verbose) {
    for (const [rule, lines] of explained) {
      console.log(`    ${lines.length} × ${rule}`);
      for (const line of lines.slice(0, MAX_LINES)) console.log(`        ${line}`);
    }
  }
  for (const line of verbose ? wrong : wrong.slice(0, MAX_LINES)) console.log(`    ${line}`);
  if (!verbose && wrong.length > MAX_LINES)
    console.log(`    … and ${wrong.length - MAX_LINES} more (--verbose)`);
}

/** Which rules were needed, with their reasons. */
function explainBetter(verdicts: readonly Verdict[], verbose: boolean): void {
  if (!verbose) return;
  for (const { id, reason } of RULES) {
    const images = verdicts.filter(({ explained }) => explained.has(id)).length;
    if (images > 0) console.log(`  ${id}: ${images} images: ${reason}`);
  }
}
