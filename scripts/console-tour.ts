/**
 * Asks the console its five questions in a browser, at three widths, over very many made images or over the recorded corpus, and
 * prints what each answer took: `question width ms kB`. A question that is not answered ends it with an error.
 *
 *     node scripts/node24.mjs scripts/console-tour.ts --manifests 50000 [--pictures]
 *     node scripts/node24.mjs scripts/console-tour.ts --corpus [DIR]
 */
import { parseArgs } from 'node:util';
import { fillConsole } from '../bench/made-console.ts';
import { connect } from '../src/db/database.ts';
import { DEFAULT_CORPUS } from '../test/conformance/corpus.ts';
import { compareNumbers } from '../test/e2e/console-numbers.ts';
import { openConsolePage } from '../test/e2e/console-page.ts';
import { QUESTIONS } from '../test/e2e/console-questions.ts';
import { startConsoleWorld } from '../test/e2e/console-world.ts';
import { startCorpusConsole } from './corpus-console.ts';
import { keepPicture } from './keep-picture.ts';

const WIDTHS = [390, 1024, 1440] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    manifests: { type: 'string', default: '50000' },
    corpus: { type: 'boolean', default: false },
    pictures: { type: 'boolean', default: false },
  },
});
await using resources = new AsyncDisposableStack();
const address = values.corpus
  ? resources.use(await startCorpusConsole(positionals[0] ?? DEFAULT_CORPUS)).address
  : await startMade(Number(values.manifests));
const { page, context, errors } = resources.use(await openConsolePage(address));
const root = `${address}/matcher/ui/`;
const session = await context.newCDPSession(page);
await session.send('Network.enable');
let bytes = 0;
session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
page.setDefaultTimeout(60_000);
for (const width of WIDTHS) {
  await page.setViewportSize({ width, height: 900 });
  for (const [question, ask] of Object.entries(QUESTIONS)) {
    bytes = 0;
    const start = performance.now();
    const answer = await ask(page, root);
    await page.waitForLoadState('networkidle');
    const ms = Math.round(performance.now() - start);
    console.log(`${question} ${width} ${ms} ms ${Math.round(bytes / 1000)} kB: ${answer}`);
  }
}
if (values.corpus) {
  const { images, findings, differences } = await compareNumbers(async (path) => {
    const response = await fetch(`${address}/matcher/api/v1/${path}`);
    if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
    return await response.text();
  });
  console.log(`numbers: ${findings} findings in ${images} images, ${differences.length} differences`);
  if (differences.length > 0) throw new Error(differences.join('\n'));
}
if (values.pictures) {
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.goto(root);
  await page.locator('main table').first().waitFor();
  await page.waitForLoadState('networkidle');
  await keepPicture(page, 'console-fleet.png');
}
if (errors.length > 0) throw new Error(errors.join('\n'));

async function startMade(manifests: number): Promise<string> {
  const world = resources.use(await startConsoleWorld());
  await using db = await connect(world.dsn, { applicationName: 'tour' });
  await fillConsole(db, manifests, new Date());
  return world.address;
}
