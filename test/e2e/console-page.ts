/** A browser at a console, and what went wrong in it. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
/** Why there can be none; false: there can. */
export const cannotBrowse = CHROMIUM === undefined && 'there is no Chromium here';

export interface ConsolePage extends AsyncDisposable {
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Of scripts, of the console, and requests to elsewhere; grows. */
  readonly errors: string[];
}

/** Opens one at the service of `address`. */
export async function openConsolePage(address: string): Promise<ConsolePage> {
  const browser = await chromium.launch({
    executablePath: CHROMIUM!,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const context = await browser.newContext({ acceptDownloads: true });
  const page = await context.newPage();
  const errors: string[] = [];
  // A busy machine takes its time: what never comes is all that fails.
  page.setDefaultTimeout(60_000);
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on(
    'console',
    (line) => line.type() === 'error' && !line.text().includes('404') && errors.push(line.text()),
  );
  page.on('request', (request) => {
    if (!request.url().startsWith(address)) errors.push(`asked ${request.url()}`);
  });
  return { browser, context, page, errors, [Symbol.asyncDispose]: () => browser.close() };
}
