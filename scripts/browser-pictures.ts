/**
 * Makes docs/images/report.png, web.png and console-*.png: the HTML report of the example image, and the console of a service with
 * made-up images, in Chromium.
 *
 *     node scripts/node24.mjs scripts/browser-pictures.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { FAMOUS } from '../test/e2e/console-feeds.ts';
import { type ConsoleWorld, startConsoleWorld } from '../test/e2e/console-world.ts';
import { findChromium } from './find-chromium.ts';
import { keepPicture } from './keep-picture.ts';

const ROOT = resolve(import.meta.dirname, '..');
/** Reports say when they were made: the same picture every time. */
const EPOCH = Date.UTC(2026, 0, 1) / 1000;

const folder = mkdtempSync(join(tmpdir(), 'clair-picture-'));
const executablePath = findChromium();
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const html = scanExample();
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, colorScheme: 'light' });
  await page.goto(pathToFileURL(html).href);
  await page.locator('#findings output').waitFor();
  await keepPicture(page, 'report.png');
  await takeConsole(browser);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
}

/** Views of a running service. */
async function takeConsole(from: Browser): Promise<void> {
  await using world = await startConsoleWorld();
  const of = (name: string): string => world.images.get(`registry.test/${name}`) ?? '';
  const report = `images/${of('shop/checkout:4.18.2')}?open=npm/log4js@6.3.0`;
  await decide(world);
  const pictures = [
    ['web.png', '', 1280, 'light'],
    ['console-images.png', 'images', 1280, 'light'],
    ['console-report.png', report, 1280, 'light'],
    ['console-cve.png', `cves/${FAMOUS.id}`, 1280, 'dark'],
    ['console-packages.png', 'packages', 1280, 'light'],
    [
      'console-compare.png',
      `compare/${of('shop/checkout:4.18.1')}...${of('shop/checkout:4.18.2')}`,
      1280,
      'light',
    ],
    ['console-triage.png', 'decisions', 1280, 'light'],
    ['console-feeds.png', 'feeds', 1280, 'dark'],
    ['console-phone.png', report, 390, 'light'],
  ] as const;
  for (const [name, path, width, colorScheme] of pictures) {
    const page = await from.newPage({ viewport: { width, height: 860 }, colorScheme });
    await page.goto(`${world.address}/matcher/ui/${path}`);
    await page.locator('main table').first().waitFor();
    await page.waitForLoadState('networkidle');
    await keepPicture(page, name);
    await page.close();
  }
}

/** Decisions of three kinds. What is most in danger stays open. */
async function decide(world: ConsoleWorld): Promise<void> {
  const until = new Date(Date.now() + 90 * 24 * 3600_000).toISOString().slice(0, 10);
  const decisions = [
    {
      ...{ cve: 'CVE-2099-3010', package: { type: 'npm', source: 'lodash' }, status: 'not_affected', until },
      justification: 'vulnerable_code_not_in_execute_path',
      ...{ reason: 'The template function is never called (SEC-1182).', scope: { label: 'team=shop' } },
    },
    {
      ...{
        cve: 'CVE-2099-1010',
        status: 'accepted',
        until,
        scope: { repository: 'registry.test/billing/ledger' },
      },
      reason: 'No proxy is configured; the upgrade is planned (SEC-1190).',
    },
    { cve: 'CVE-2099-5002', status: 'under_investigation', reason: 'Asked the vendor.', scope: {} },
  ];
  for (const body of decisions) {
    const status = await world.change('POST', 'decisions', body);
    if (status !== 201) throw new Error(`decision about ${body.cve}: status ${status}`);
  }
}

/** The HTML report of the example image, where only the example advisories are there. */
function scanExample(): string {
  const node = (script: string, args: readonly string[]): void => {
    execFileSync(process.execPath, [join(ROOT, script), ...args], {
      cwd: folder, // the image has the name of its folder
      env: { ...process.env, SOURCE_DATE_EPOCH: String(EPOCH) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  };
  node('scripts/build-example-image.mjs', [join(folder, 'example-image')]);
  const [html = '', config = ''] = ['report.html', 'config.json'].map((name) => join(folder, name));
  // nobody listens there: the example advisories are all that is left
  const osv = { url: 'http://127.0.0.1:9/' };
  writeFileSync(config, JSON.stringify({ updaters: { sets: ['osv'], config: { osv } } }));
  const flags = ['--config', config, '--data-dir', join(folder, 'data'), '--quiet'];
  try {
    node('bin/clairctl.mjs', ['scan', ...flags, '--format', `html=${html}`, 'oci:example-image']);
  } catch (error) {
    if ((error as { status?: number }).status !== 3) throw error; // example data is never complete
  }
  return html;
}
