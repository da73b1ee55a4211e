/** Reports of thousands of findings stay within what people and other programs take. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { axeProblems, cpuSeconds } from '../../../test/browser.fixture.ts';
import { FORMATS } from './all-formats.fixture.ts';
import { MANY, manyFindings } from './many-findings.fixture.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
const whole = manyFindings();

describe(`${MANY} findings`, () => {
  it('are all in formats for programs', () => {
    assert.equal(whole.view.findings.length, MANY);
    assert.equal(JSON.parse(FORMATS.sarif(whole)).runs[0].results.length, MANY);
    assert.equal(FORMATS.csv(whole).match(/^affected,/gm)?.length, MANY);
  });

  for (const columns of [60, 80, 120, 160, 250])
    it(`fit a terminal of ${columns} columns`, () => {
      const lines = FORMATS.table({ ...whole, columns }).split('\n');
      const wide = lines.slice(0, -20).filter(({ length }) => length > columns);
      assert.deepEqual(wide, []);
    });

  it('keep Markdown within a comment, the first ones first, and say how many are left', () => {
    const text = FORMATS.markdown(whole);
    assert.ok(Buffer.byteLength(text) <= 65_536, `${Buffer.byteLength(text)} bytes`);
    assert.ok(Buffer.byteLength(text) > 55_000, 'the room is used');
    const rows = text
      .split('\n')
      .filter((line) => /^\| (?:Critical|High|Medium|Low|Negligible|Unknown) /.test(line));
    const [, left] = /… and (\d+) more findings? \(/.exec(text) ?? [];
    assert.equal(rows.length + Number(left), MANY);
    assert.ok(rows[0]!.includes(whole.view.findings[0]!.id));
    assert.match(text, /Feed: debian:12/, 'what it was checked against stays');
  });

  describe('as HTML', { skip: CHROMIUM === undefined && 'there is no Chromium here' }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'clair-many-'));
    const file = join(folder, 'report.html');
    const text = FORMATS.html(whole);
    let browser: Browser;
    let page: Page;
    before(async () => {
      writeFileSync(file, text);
      browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox', '--disable-gpu'] });
      page = await browser.newPage();
      page.on('pageerror', (error) => assert.fail(error));
      page.on('console', (message) => assert.notEqual(message.type(), 'error', message.text()));
      await page.goto(pathToFileURL(file).href);
    });
    after(async () => {
      await browser?.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
    });
    const rows = () => page.locator('tr').count();
    const count = () => page.locator('output').innerText();
    const pageText = () => page.locator('.pager .page').innerText();
    const packages = () => page.locator('tr.group .disclose').allInnerTexts();
    const ids = () => page.locator('tr summary').allInnerTexts();

    it('are few enough bytes and rows', async () => {
      assert.ok(Buffer.byteLength(text) < 1_600_000, `${Buffer.byteLength(text)} bytes`);
      assert.ok((await rows()) < 200, `${await rows()} rows`);
      const nodes = await page.locator('*').count();
      assert.ok(nodes < 6000, `${nodes} nodes`);
    });

    it('show packages by risk, those of most risk open, and turn the page', async () => {
      assert.equal(await count(), '397 packages, 5,161 findings');
      assert.equal(await pageText(), '1–30 of 397 packages');
      const first = await packages();
      assert.equal(first.length, 30);
      assert.equal(await page.locator('[aria-expanded=true]').count(), 3);
      await page.locator('[name=next]').click();
      assert.equal(await pageText(), '31–60 of 397 packages');
      assert.ok((await packages()).every((name) => !first.includes(name)));
      await page.locator('[name=previous]').click();
      assert.deepEqual(await packages(), first);
    });

    it('find any of them, and show what is known of it', async () => {
      const last = whole.view.findings.at(-1)!;
      await page.locator('[name=q]').fill(`${last.id} ${last.package}`);
      await page.getByText('1 package, 1 finding', { exact: true }).waitFor();
      assert.deepEqual(await ids(), [last.id]);
      await page.locator('tr summary').click();
      assert.match(await page.locator('tr details').innerText(), /a length is not checked/);
      await page.locator('[name=q]').fill('');
      await page.getByText('397 packages, 5,161 findings').waitFor();
    });

    it('are filtered, sorted and listed one by one, each state with an address', async () => {
      const critical = whole.view.findings.filter(({ severity }) => severity === 'Critical').length;
      await page.locator('[data-filter=Critical]').click();
      assert.match(await count(), new RegExp(`, ${critical} findings$`));
      await page.getByRole('link', { name: 'By CVE' }).click();
      assert.equal(await pageText(), `1–100 of ${critical} findings`);
      assert.ok((await rows()) < 200, `${await rows()} rows`);
      assert.equal(new URL(page.url()).hash, '#severity=Critical&group=cve');
      await page.reload();
      assert.match(await count(), new RegExp(`, ${critical} findings$`));
      await page.locator('[data-filter=all]').click();
      await page.getByRole('button', { name: 'Package' }).click();
      assert.match(await page.locator('tbody tr').first().innerText(), /lib-package-0\s/);
      await page.getByRole('link', { name: 'By package' }).click();
    });

    it('take little time', async () => {
      const before = await cpuSeconds(browser);
      await page.reload();
      await page.locator('output').waitFor();
      const used = (await cpuSeconds(browser)) - before;
      assert.ok(used < 2, `${used} CPU s`);
    });

    it('are clean for axe, light and dark, at three widths', async () => {
      for (const colorScheme of ['light', 'dark'] as const)
        for (const width of [390, 1024, 1440]) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 900 });
          assert.deepEqual(await axeProblems(page), [], `${colorScheme}, ${width} px`);
        }
    });

    it('are the first ones where no scripts run, and it is said how many are left', async () => {
      const context = await browser.newContext({ javaScriptEnabled: false });
      const plain = await context.newPage();
      await plain.goto(pathToFileURL(file).href);
      const shown = await plain.locator('tr summary').count();
      assert.ok(shown >= 39, `${shown} findings`);
      const left = (MANY - shown).toLocaleString('en-US');
      assert.match(
        await plain.locator('#findings .pager').last().innerText(),
        new RegExp(`^${left} more findings`),
      );
      assert.equal(await plain.locator('.tools').isVisible(), false);
      await context.close();
    });
  });
});
