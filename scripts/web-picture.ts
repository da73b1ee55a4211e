/**
 * Makes docs/images/web.png: the web page with the report of the example image, in Chromium.
 *
 *     node scripts/node24.mjs scripts/web-picture.ts [CHROMIUM]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { createServer } from '../src/http/server.ts';
import { noLog } from '../src/lib/log.ts';
import { WEB_PREFIX, webPageRoutes } from '../src/service/web-page.ts';
import { palettePng } from './palette-png.ts';

const ROOT = resolve(import.meta.dirname, '..');
const LIMIT = 150_000;

const report = exampleReport();
const app = createServer({ log: noLog });
webPageRoutes(app);
app.get('/matcher/api/v1/vulnerability_report/:digest', (_request, reply) =>
  reply.type('application/json').send(report),
);
await app.listen({ host: '127.0.0.1', port: 0 });
const browser = await chromium.launch({
  executablePath: process.argv[2] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, colorScheme: 'light' });
  const { port } = app.server.address() as AddressInfo;
  const { manifest_hash: digest } = JSON.parse(report) as { manifest_hash: string };
  await page.goto(`http://127.0.0.1:${port}${WEB_PREFIX}/#${digest}`);
  await page.locator('#report').waitFor();
  const picture = palettePng(await page.screenshot({ animations: 'disabled' }));
  if (picture.length > LIMIT) throw new Error(`the picture has ${picture.length} bytes: at most ${LIMIT}`);
  writeFileSync(join(ROOT, 'docs', 'images', 'web.png'), picture);
  process.stdout.write(`docs/images/web.png: ${picture.length} bytes\n`);
} finally {
  await browser.close();
  await app.close();
}

/** What the service would answer for the example image, where only the example advisories are there. */
function exampleReport(): string {
  const folder = mkdtempSync(join(tmpdir(), 'clair-picture-'));
  try {
    const image = join(folder, 'image');
    execFileSync(process.execPath, [join(ROOT, 'scripts', 'build-example-image.mjs'), image]);
    const output = join(folder, 'report.json');
    const config = join(folder, 'config.json');
    // nobody listens there: the example advisories are all that is left
    const osv = { url: 'http://127.0.0.1:9/' };
    writeFileSync(config, JSON.stringify({ updaters: { sets: ['osv'], config: { osv } } }));
    const flags = ['--config', config, '--data-dir', join(folder, 'data'), '--quiet'];
    try {
      execFileSync(
        process.execPath,
        [
          join(ROOT, 'bin', 'clairctl.mjs'),
          'scan',
          ...flags,
          '--format',
          'json',
          '--output',
          output,
          `oci:${image}`,
        ],
        { stdio: ['ignore', 'ignore', 'inherit'] },
      );
    } catch (error) {
      if ((error as { status?: number }).status !== 3) throw error; // example data is never complete
    }
    const { report } = JSON.parse(readFileSync(output, 'utf8')) as { report: object };
    return JSON.stringify(report);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
  }
}
