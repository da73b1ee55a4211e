/**
 * Takes pictures of every view of a console, at three widths, light and dark, to look at: `VIEW-WIDTH-SCHEME.png` in DIR. Says which
 * are wider than the window.
 *
 *     node scripts/node24.mjs scripts/console-shots.ts DIR --address http://127.0.0.1:6060
 *     node scripts/node24.mjs scripts/console-shots.ts DIR [--corpus CORPUS]
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type {
  ConsoleCves,
  ConsoleFeeds,
  ConsoleImages,
  FleetPackages,
} from '../src/model/api/console/types.ts';
import { DEFAULT_CORPUS } from '../test/conformance/corpus.ts';
import { openConsolePage } from '../test/e2e/console-page.ts';
import { startCorpusConsole } from './corpus-console.ts';

const WIDTHS = [390, 1024, 1440] as const;
/** Pixels: what is below is more of the same. */
const MAX_HEIGHT = 2400;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { address: { type: 'string' }, corpus: { type: 'string', default: DEFAULT_CORPUS } },
});
const [directory] = positionals;
if (directory === undefined) throw new Error('name a directory for the pictures');
mkdirSync(directory, { recursive: true });
await using resources = new AsyncDisposableStack();
const address = values.address ?? resources.use(await startCorpusConsole(values.corpus)).address;
const { page, errors } = resources.use(await openConsolePage(address));
for (const [view, path] of Object.entries(await viewsOf())) {
  for (const width of WIDTHS)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await page.goto(`${address}/matcher/ui/${path}`);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await page.waitForLoadState('networkidle');
      const [height, over] = await page.evaluate<[number, number]>(
        '[document.documentElement.scrollHeight, document.documentElement.scrollWidth - innerWidth]',
      );
      if (over > 0) console.log(`${view} at ${width}: ${over} px too wide`);
      await page.setViewportSize({ width, height: Math.min(Math.max(600, height), MAX_HEIGHT) });
      await page.screenshot({ path: join(directory, `${view}-${width}-${colorScheme}.png`) });
    }
}
if (errors.length > 0) throw new Error(errors.join('\n'));

/** Paths of views, of what this console has. */
async function viewsOf(): Promise<Record<string, string>> {
  const { images } = await ask<ConsoleImages>('images?limit=2&sort=-risk');
  const [unchecked] = (await ask<ConsoleImages>('images?limit=200&incomplete=1')).images.filter(
    ({ coverage }) => coverage.state === 'unchecked',
  );
  const [failed] = (await ask<ConsoleImages>('images?limit=1&failed=1')).images;
  const [cve] = (await ask<ConsoleCves>('cves?limit=1')).cves;
  const [of] = (await ask<FleetPackages>('packages?limit=1')).packages;
  const [feed] = (await ask<ConsoleFeeds>('feeds?limit=1')).feeds;
  const [image, other] = images;
  return {
    overview: '',
    images: 'images',
    'images-none': 'images?q=no-such-image',
    ...(image && { image: `images/${image.digest}`, 'image-cves': `images/${image.digest}?group=cve` }),
    ...(image && { coverage: `images/${image.digest}/coverage` }),
    ...(unchecked && { 'image-unchecked': `images/${unchecked.digest}` }),
    ...(failed && { 'image-failed': `images/${failed.digest}` }),
    ...(image && other && { compare: `compare/${other.digest}...${image.digest}` }),
    cves: 'cves',
    ...(cve && { cve: `cves/${cve.id}`, 'cve-unknown': `cves/${cve.id}?state=unknown` }),
    ...(cve && { decide: `cves/${cve.id}?decide=${cve.id}` }),
    'cve-none': 'cves/CVE-2099-99999',
    packages: 'packages',
    ...(of && { package: `packages/${of.type}/${of.name}` }),
    search: 'search?q=ssl',
    decisions: 'decisions',
    feeds: 'feeds',
    ...(feed && { feed: `feeds/${feed.name}` }),
    notifications: 'notifications',
  };
}

async function ask<T>(path: string): Promise<T> {
  const answer = await fetch(`${address}/matcher/api/v1/console/${path}`);
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
