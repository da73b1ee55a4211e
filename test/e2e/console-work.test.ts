/** The console against a real service, where people decide and operate: comparison, triage by keyboard, feeds, notifications. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { axeProblems } from '../browser.fixture.ts';
import { FAMOUS } from './console-feeds.ts';
import { compareNumbers } from './console-numbers.ts';
import { cannotBrowse, openConsolePage } from './console-page.ts';
import { type ConsoleWorld, startConsoleWorld } from './console-world.ts';

const WIDTHS = [390, 1024, 1440] as const;
const CHECKOUT = 'registry.test/shop/checkout:4.18.2';

describe('the console at work', { skip: cannotBrowse }, () => {
  const open = new AsyncDisposableStack();
  let world: ConsoleWorld;
  let page: Page;
  let errors: readonly string[];
  const root = () => `${world.address}/matcher/ui/`;
  const digest = (name: string) => world.images.get(name) ?? assert.fail(`no image ${name}`);
  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });

  before(async () => {
    world = open.use(await startConsoleWorld());
    ({ page, errors } = open.use(await openConsolePage(world.address)));
  });
  after(() => open.disposeAsync());

  it('has the same numbers in overview, lists, reports and HTML files', async () => {
    const { images, findings, differences } = await compareNumbers(async (path) => {
      const answer = await fetch(`${world.address}/matcher/api/v1/${path}`);
      const text = await answer.text();
      assert.equal(answer.status, 200, `${path}: ${text.slice(0, 200)}`);
      return text;
    });
    assert.deepEqual(differences, []);
    assert.deepEqual([images, findings > 50], [world.images.size, true], `${findings} findings`);
  });

  it('compares two images, and says which packages made the difference', async () => {
    await page.goto(`${root()}compare/${digest('registry.test/shop/checkout:4.18.1')}...${digest(CHECKOUT)}`);
    await heading(
      /^shop\/checkout:4\.18\.2 has \d+ findings? (more|fewer) than shop\/checkout:4\.18\.1$/,
    ).waitFor();
    await page
      .getByText(/django/)
      .first()
      .waitFor();
    const counts = page.getByRole('table', { name: 'Findings before and after' });
    assert.deepEqual(
      (await counts.getByRole('row', { name: /^All/ }).innerText()).match(/[+−]?\d+/g)?.slice(2),
      ['+4', '−1', '+3'],
    );
    await page.getByRole('link', { name: /^Gone/ }).click();
    await page.getByText('CVE-2099-3001').first().waitFor();
    assert.match(page.url(), /change=gone$/);
    await page.getByRole('link', { name: /^Packages \d+$/ }).click();
    const packages = page.getByRole('table', { name: 'Packages that differ' });
    await packages.getByRole('row', { name: /django/ }).waitFor();
    assert.match(
      await packages.innerText(),
      /express[\s\S]*Upgraded[\s\S]*4\.17\.0[\s\S]*4\.19\.2[\s\S]*django[\s\S]*Added/,
    );
  });

  it('narrows overview, CVEs and images to a label by keyboard, and keeps it from one to the next', async () => {
    await page.goto(root());
    const label = page.getByRole('combobox', { name: 'Label' });
    await label.focus();
    await page.keyboard.type('team: billing');
    await heading(/ in 1 of 1 image with team: billing$/).waitFor();
    assert.match(page.url(), /[?&]label=team:billing$/);
    const link = page.getByRole('link', { name: 'Show these CVEs' });
    await link.focus();
    await page.keyboard.press('Enter');
    await heading('CVEs').waitFor();
    assert.match(page.url(), /\/cves\?label=team:billing&act_now=1$/);
    const row = page.getByRole('row', { name: new RegExp(FAMOUS.id) });
    await row.waitFor();
    assert.match(await row.innerText(), /\b1\b/);
    assert.equal(await label.inputValue(), 'team:billing');
    await page.goto(`${root()}cves?label=env:staging`);
    await page.getByRole('table', { name: 'CVEs' }).waitFor();
    assert.equal(await row.count(), 0, 'the staging image does not have it');
    await label.selectOption('');
    await row.waitFor();
    assert.doesNotMatch(page.url(), /label=/);
    await page.goto(`${root()}cves?label=env:nowhere`);
    await page.getByText('No CVEs match “env:nowhere”').waitFor();
    await page.goto(`${root()}?label=env:nowhere`);
    await heading('No image with env: nowhere').waitFor();
  });

  it('shows from the header which feeds fail, and why', async () => {
    await page.goto(root());
    await page.getByRole('link', { name: /^\d+ of \d+ feeds/ }).click();
    await heading('Feeds').waitFor();
    const gems = page.getByRole('row', { name: /osv\/rubygems/i }).first();
    await gems.waitFor();
    assert.match(await gems.innerText(), /Failing|Never loaded/);
    await gems.getByRole('link', { name: /rubygems/i }).click();
    await heading(/rubygems/i).waitFor();
    await page.getByText(/403/).first().waitFor();
  });

  it('decides by keyboard from a CVE, and finds, exports and withdraws it', async () => {
    await page.goto(`${root()}cves/${FAMOUS.id}`);
    await page.getByRole('table', { name: 'Images' }).getByRole('row').nth(1).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('t');
    await page.getByRole('heading', { name: `Decide about ${FAMOUS.id}` }).waitFor();
    assert.match(page.url(), /decide=CVE-2099-4228/);
    await page.getByLabel('Reason').fill('The pattern is off (SEC-1).');
    await page.getByText(/^\d+ findings? in 1 image/).waitFor();
    await page.getByRole('button', { name: /^Record for \d+ finding/ }).click();
    await page
      .getByText(/^Not affected until/)
      .first()
      .waitFor();
    assert.doesNotMatch(page.url(), /decide=/);
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await heading('Triage').waitFor();
    const row = page.getByRole('row', { name: new RegExp(FAMOUS.id) });
    assert.match(await row.innerText(), /Not affected[\s\S]*SEC-1/);
    const [download] = await Promise.all([page.waitForEvent('download'), exportAs(page, 'OpenVEX')]);
    const vex = JSON.parse(await textOf(await download.createReadStream()));
    assert.equal(vex.statements[0].status, 'not_affected');
    await row.getByRole('link', { name: /^Show/ }).click();
    await page.getByText('Made').waitFor();
    await page.getByLabel('Reason').fill('It is on after all.');
    await page.getByRole('button', { name: 'Withdraw' }).click();
    await page.getByText('Withdrawn', { exact: true }).waitFor();
  });

  for (const width of WIDTHS)
    it(`shows these views without faults for axe, light and dark, at ${width} px`, async () => {
      await page.setViewportSize({ width, height: 900 });
      const compare = `compare/${digest('registry.test/shop/checkout:4.18.1')}...${digest(CHECKOUT)}`;
      for (const view of [
        compare,
        `${compare}?change=packages`,
        'feeds',
        'feeds/alpine-main-v3.40-updater',
        'notifications',
        'decisions',
      ])
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          await page.goto(root() + view);
          await page.getByRole('heading', { level: 1 }).waitFor();
          await page.waitForLoadState('networkidle');
          assert.deepEqual(await axeProblems(page), [], `${view} ${colorScheme}`);
          const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
          assert.ok(Number(over) <= 0, `${view} is ${over} px too wide`);
        }
    });

  it('made no error and asked nobody else', () => assert.deepEqual(errors, []));
});

async function exportAs(page: Page, name: string): Promise<void> {
  await page.locator('[data-key=e]').click();
  await page.getByRole('button', { name, exact: true }).click();
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}
