/**
 * Makes docs/images/web.png and report.png: the web page and the HTML report of the example image, in Chromium.
 *
 *     node scripts/node24.mjs scripts/browser-pictures.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { createServer } from '../src/http/server.ts';
import { noLog } from '../src/lib/log.ts';
import { WEB_PREFIX, webPageRoutes } from '../src/service/web-page.ts';
import { findChromium } from './find-chromium.ts';
import { palettePng } from './palette-png.ts';

const ROOT = resolve(import.meta.dirname, '..');
const LIMIT = 150_000;
/** Reports say when they were made: the same picture every time. */
const EPOCH = Date.UTC(2026, 0, 1) / 1000;

const folder = mkdtempSync(join(tmpdir(), 'clair-picture-'));
const executablePath = findChromium();
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const files = scanExample();
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, colorScheme: 'light' });
  await page.goto(pathToFileURL(files.html).href);
  await page.locator('#findings').waitFor();
  await keep(page, 'report.png');
  await takeWebPage(page, files.json);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
}

/** As the service shows what it answers. */
async function takeWebPage(page: Page, json: string): Promise<void> {
  const { report } = JSON.parse(readFileSync(json, 'utf8')) as { report: { manifest_hash: string } };
  const app = createServer({ log: noLog });
  webPageRoutes(app);
  app.get('/matcher/api/v1/vulnerability_report/:digest', (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(report)),
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  try {
    const { port } = app.server.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}${WEB_PREFIX}/#${report.manifest_hash}`);
    await page.locator('#report').waitFor();
    await keep(page, 'web.png');
  } finally {
    await app.close();
  }
}

async function keep(page: Page, name: string): Promise<void> {
  const picture = palettePng(await page.screenshot({ animations: 'disabled' }));
  if (picture.length > LIMIT) throw new Error(`${name} has ${picture.length} bytes: at most ${LIMIT}`);
  writeFileSync(join(ROOT, 'docs', 'images', name), picture);
  process.stdout.write(`docs/images/${name}: ${picture.length} bytes\n`);
}

/** Reports of the example image, where only the example advisories are there. */
function scanExample(): { readonly json: string; readonly html: string } {
  const node = (script: string, args: readonly string[]): void => {
    execFileSync(process.execPath, [join(ROOT, script), ...args], {
      cwd: folder, // the image has the name of its folder
      env: { ...process.env, SOURCE_DATE_EPOCH: String(EPOCH) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  };
  node('scripts/build-example-image.mjs', [join(folder, 'example-image')]);
  const [json, html, config] = ['report.json', 'report.html', 'config.json'].map((name) =>
    join(folder, name),
  );
  // nobody listens there: the example advisories are all that is left
  const osv = { url: 'http://127.0.0.1:9/' };
  writeFileSync(config!, JSON.stringify({ updaters: { sets: ['osv'], config: { osv } } }));
  const flags = ['--config', config!, '--data-dir', join(folder, 'data'), '--quiet'];
  try {
    node('bin/clairctl.mjs', [
      'scan',
      ...flags,
      '--format',
      `json=${json},html=${html}`,
      'oci:example-image',
    ]);
  } catch (error) {
    if ((error as { status?: number }).status !== 3) throw error; // example data is never complete
  }
  return { json: json!, html: html! };
}
