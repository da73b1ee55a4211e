/** The five questions that the console is for, asked in a browser of whatever images there are. Each gives its answer as a text. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

export type Ask = (page: Page, root: string) => Promise<string>;

export const QUESTIONS = { danger, affected, changed, upgrade, trust } satisfies Readonly<
  Record<string, Ask>
>;

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });

/** What is in danger now? The first line of the front door says it. */
async function danger(page: Page, root: string): Promise<string> {
  await page.goto(root);
  const title = heading(page, /action|checked|loaded/);
  await title.waitFor();
  return await title.innerText();
}

/** Which images have this CVE? By typing one that is listed. */
async function affected(page: Page, root: string): Promise<string> {
  await page.goto(`${root}cves`);
  const first = page
    .getByRole('table')
    .getByRole('link', { name: /^(CVE|GHSA|[A-Z]+)-/ })
    .first();
  const id = (await first.innerText()).trim();
  await page.goto(root);
  await heading(page, /action|checked|loaded/).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type(id);
  await page.keyboard.press('Enter');
  await heading(page, id).waitFor();
  const tab = page.getByRole('link', { name: /^Affected/ });
  await tab.waitFor();
  await page.getByRole('table', { name: 'Images' }).getByRole('row').nth(1).waitFor();
  return `${id}: ${(await tab.innerText()).replaceAll(/\s+/g, ' ')}`;
}

/** What changed since yesterday? */
async function changed(page: Page, root: string): Promise<string> {
  await page.goto(root);
  await page.getByRole('heading', { name: 'Since yesterday' }).waitFor();
  const text = await page.locator('.delta').innerText();
  assert.match(text, /new findings?/);
  return text.replaceAll(/\s+/g, ' ');
}

/** What do I upgrade to fix most? Over all images, and in the one at most risk. */
async function upgrade(page: Page, root: string): Promise<string> {
  await page.goto(`${root}packages`);
  await heading(page, 'Packages').waitFor();
  const first = page.getByRole('table', { name: 'Packages' }).getByRole('row').nth(1);
  await first.waitFor();
  const everywhere = (await first.innerText()).replaceAll(/\s+/g, ' ');
  await page.goto(`${root}images`);
  await page.getByRole('table', { name: 'Images' }).locator('a.name').first().click();
  const title = page.getByRole('heading', { name: /^\w+ upgrades? removes? \d+ % of the risk$/ });
  await title.waitFor();
  return `${everywhere}; ${await title.innerText()}`;
}

/** Can I trust this answer? The feeds, and an image whose ledger adds up. */
async function trust(page: Page, root: string): Promise<string> {
  await page.goto(root);
  const link = page.getByRole('link', { name: /^\d+ of \d+ feeds/ });
  await link.waitFor();
  const feeds = await link.innerText();
  await page.goto(`${root}images?incomplete=1`);
  await page.getByRole('table', { name: 'Images' }).locator('a.name').first().click();
  const ledger = page.getByRole('table', { name: 'What was checked, by ecosystem' });
  await ledger.waitFor();
  return `${feeds.replaceAll(/\s+/g, ' ')}; ${(await ledger.innerText()).replaceAll(/\s+/g, ' ').slice(0, 200)}`;
}
