/** Reports of thousands of findings stay within what people and other programs take. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
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
    let browser: Browser;
    let page: Page;
    before(async () => {
      writeFileSync(file, FORMATS.html(whole));
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
    const state = () => page.locator('.tools output').innerText();
    const firstId = () => page.locator('#findings tbody summary').first().innerText();

    it('show a page of rows, and turn it', async () => {
      assert.ok((await rows()) <= 200);
      assert.equal(await state(), `1–100 of ${MANY}`);
      assert.equal(await firstId(), whole.view.findings[0]!.id);
      await page.locator('[name=next]').click();
      assert.equal(await state(), `101–200 of ${MANY}`);
      assert.equal(await firstId(), whole.view.findings[100]!.id);
      await page.locator('[name=previous]').click();
      assert.equal(await state(), `1–100 of ${MANY}`);
    });

    it('find any of them, and show what is known of it', async () => {
      const last = whole.view.findings.at(-1)!;
      await page.locator('[name=search]').fill(`${last.id} ${last.package}`);
      assert.match(await state(), new RegExp(`^1–1 of 1 \\(${MANY} in all\\)$`));
      await page.locator('#findings tbody summary').first().click();
      assert.match(await page.locator('#findings tbody details').innerText(), /a length is not checked/);
      await page.locator('[name=search]').fill('');
    });

    it('are filtered, sorted and grouped, within the same number of rows', async () => {
      await page.locator('input[value=High]').uncheck();
      const high = whole.view.findings.filter(({ severity }) => severity === 'High').length;
      assert.match(await state(), new RegExp(`of ${MANY - high} `));
      await page.locator('input[value=High]').check();
      await page.locator('th[data-key=package] button').click();
      assert.equal(
        await page.locator('#findings tbody tr').first().locator('td').nth(3).innerText(),
        'lib-package-0',
      );
      await page.locator('[name=group]').selectOption('package');
      assert.match(await page.locator('tr.group').first().innerText(), /^lib-package-0 \(13\)$/);
      assert.ok((await rows()) <= 200);
    });

    it('are a table of the first ones where no scripts run', async () => {
      const context = await browser.newContext({ javaScriptEnabled: false });
      const plain = await context.newPage();
      await plain.goto(pathToFileURL(file).href);
      assert.equal(await plain.locator('#findings tbody tr').count(), 100);
      assert.match(await plain.locator('noscript').innerText(), new RegExp(`${MANY - 100} more findings`));
      await context.close();
    });
  });
});
