/** The console against a real service, as people use it: five questions at three widths, triage by keyboard, a huge image. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { axeProblems, cpuSeconds } from '../browser.fixture.ts';
import { BIG, FAMOUS, MANY } from './console-feeds.ts';
import { cannotBrowse, openConsolePage } from './console-page.ts';
import { type ConsoleWorld, startConsoleWorld } from './console-world.ts';

const WIDTHS = [390, 1024, 1440] as const;
const CHECKOUT = 'registry.test/shop/checkout:4.18.2';

describe('the console', { skip: cannotBrowse }, () => {
  const open = new AsyncDisposableStack();
  let world: ConsoleWorld;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let errors: readonly string[];
  const root = () => `${world.address}/matcher/ui/`;
  const digest = (name: string) => world.images.get(name) ?? assert.fail(`no image ${name}`);
  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });

  before(async () => {
    world = open.use(await startConsoleWorld());
    ({ browser, context, page, errors } = open.use(await openConsolePage(world.address)));
  });
  after(() => open.disposeAsync());

  for (const width of WIDTHS)
    describe(`at ${width} px`, () => {
      before(() => page.setViewportSize({ width, height: 900 }));

      it('answers "what is in danger now?" at the front door', async () => {
        await page.goto(root());
        await heading(/^\d+ CVEs? needs? action now, in \d+ of \d+ images$/).waitFor();
        const first = page.getByRole('table', { name: 'CVEs that need action now' }).getByRole('row').nth(1);
        assert.match(
          await first.innerText(),
          new RegExp(`${FAMOUS.id}[\\s\\S]*Exploited[\\s\\S]*EPSS 94\\.4 %[\\s\\S]*log4js → 6\\.`),
        );
      });

      it('answers "which images have this CVE?" to any of its names', async () => {
        await page.goto(root());
        await heading(/action now/).waitFor();
        await page.keyboard.press('/');
        await page.keyboard.type(FAMOUS.alias);
        await page.keyboard.press('Enter');
        await heading(FAMOUS.id).waitFor();
        const rows = page.getByRole('table', { name: 'Images' }).getByRole('row');
        await rows.nth(1).waitFor();
        const text = await page.getByRole('table', { name: 'Images' }).innerText();
        for (const name of ['shop/checkout:4.18.2', 'billing/ledger:11.4.0'])
          assert.ok(text.includes(name), `${name} in ${text}`);
        assert.ok(!text.includes('shop/search'), 'has no log4js');
        const box = page.getByRole('searchbox', { name: 'Image, tag, digest or label' });
        await box.fill('ledger');
        await page
          .getByRole('status')
          .filter({ hasText: /^1 image$/ })
          .waitFor();
        assert.match(page.url(), /[?&]q=ledger/);
        assert.equal(await rows.count(), 2, 'the head and one image');
        await box.fill('');
        await page.getByRole('status').filter({ hasText: '2 images' }).waitFor();
        await page.getByRole('link', { name: /^Has the package, not affected/ }).click();
        await page.getByRole('link', { name: 'edge/gateway:1.44.0' }).waitFor();
      });

      it('answers "what changed since yesterday?"', async () => {
        await page.goto(root());
        await page.getByRole('heading', { name: 'Since yesterday' }).waitFor();
        assert.match(
          await page.locator('.delta a').first().innerText(),
          /^\+\d+\s+new findings, in \d+ images?$/,
        );
      });

      it('answers "what do I upgrade to fix most?", everywhere and in one image', async () => {
        await page.goto(root());
        await page.getByRole('link', { name: 'Packages', exact: true }).click();
        await heading('Packages').waitFor();
        const first = page.getByRole('table', { name: 'Packages' }).getByRole('row').nth(1);
        await first.waitFor();
        assert.match(await first.innerText(), new RegExp(`${FAMOUS.package}[\\s\\S]*6\\.5\\.0`));
        await page.goto(`${root()}images/${digest(CHECKOUT)}`);
        await page.getByRole('heading', { name: /^Three upgrades remove \d+ % of the risk$/ }).waitFor();
        await page.getByRole('button', { name: FAMOUS.package }).click();
        await page
          .getByRole('table', { name: `Findings of ${FAMOUS.package}` })
          .getByText(FAMOUS.id)
          .waitFor();
        assert.match(page.url(), /open=npm\/log4js@6\.3\.0|open=/);
        await page.getByRole('link', { name: `Why ${FAMOUS.id} was matched` }).click();
        await page
          .getByText(/of osv\/npm: .*package log4js in npm, .*log4js 6\.3\.0 is in that range/)
          .waitFor();
      });

      it('answers "can I trust this?" in the overview, and for an image that was not checked', async () => {
        await page.goto(root());
        await page.getByRole('link', { name: 'Not checked at all' }).click();
        await page.getByRole('link', { name: 'ci/builder:1.26.0' }).waitFor();
        await page.goto(`${root()}images/${digest('registry.test/ci/builder:1.26.0')}`);
        await page.getByText('This image was not checked.').waitFor();
        await page.getByText('Nothing was found, and nothing was checked').waitFor();
        assert.equal(await page.getByText('No known vulnerability').count(), 0);
        const ledger = page.getByRole('table', { name: 'What was checked, by ecosystem' });
        await ledger.waitFor();
        const image = await world.get<{ packages: number }>(
          `images/${digest('registry.test/ci/builder:1.26.0')}`,
        );
        const coverage = await world.get<{ lines: { packages: number }[] }>(
          `images/${digest('registry.test/ci/builder:1.26.0')}/coverage`,
        );
        assert.equal(
          coverage.lines.reduce((sum, { packages }) => sum + packages, 0),
          image.packages,
        );
      });

      it('shows every view without faults for axe, light and dark, and without scrolling sideways', async () => {
        for (const view of viewsOf(digest(CHECKOUT)))
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
    });

  describe('as an analyst', () => {
    before(() => page.setViewportSize({ width: 1440, height: 900 }));

    it('goes back to each state, and shares it', async () => {
      await page.goto(`${root()}images`);
      await page.getByText(/^\d+ manifests in all$/).waitFor();
      await page.getByRole('button', { name: 'Exploited 2', exact: true }).click();
      await page.waitForURL(/exploited=1/);
      await page.waitForLoadState('networkidle');
      await page.getByRole('status').filter({ hasText: '2 images' }).waitFor();
      const shared = page.url();
      const before = await page.getByRole('table', { name: 'Images' }).innerText();
      await page.getByRole('link', { name: /checkout:4\.18\.2/ }).click();
      await heading(/checkout:4\.18\.2/).waitFor();
      await page.goBack();
      await heading('Images').waitFor();
      assert.equal(page.url(), shared);
      const other = await context.newPage();
      await other.goto(shared);
      await other.getByRole('status').filter({ hasText: '2 images' }).waitFor();
      assert.equal(ages(await other.getByRole('table', { name: 'Images' }).innerText()), ages(before));
      await other.close();
    });

    it('is told what a filter without rows means, and clears it', async () => {
      await page.goto(`${root()}images?q=no-such-image`);
      await page.getByText('No images match “no-such-image”').waitFor();
      await page.getByRole('link', { name: 'Clear the filter' }).click();
      await page.getByRole('link', { name: /checkout:4\.18\.2/ }).waitFor();
    });

    it('is never told that an unknown id is no danger', async () => {
      await page.goto(`${root()}cves/CVE-2099-99999`);
      await page.getByText('No feed knows CVE-2099-99999').waitFor();
      await page.getByText(/may be the reason. No image can be called unaffected/).waitFor();
    });
  });

  describe(`with an image of ${MANY.packages * MANY.each} findings`, () => {
    let big: string;
    before(async () => {
      big = await world.submit(BIG);
      await page.setViewportSize({ width: 1440, height: 900 });
    });

    it('transfers less than 150 kB for the first view', async () => {
      const fresh = await browser.newContext();
      const first = await fresh.newPage();
      const session = await fresh.newCDPSession(first);
      await session.send('Network.enable');
      let bytes = 0;
      session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
      await first.goto(`${root()}images/${big}`);
      await first.getByRole('button', { name: 'part-0', exact: true }).waitFor();
      await first.waitForLoadState('networkidle');
      assert.ok(bytes > 10_000 && bytes < 150_000, `${bytes} bytes`);
      await fresh.close();
    });

    it('has less than 200 rows, whatever is opened', async () => {
      await page.goto(`${root()}images/${big}`);
      const rows = () => page.locator('tr').count();
      await page.locator('tr.group').first().waitFor();
      assert.ok((await rows()) < 200, `${await rows()} rows`);
      for (const n of [0, 1, 2, 3]) {
        await page.locator('tr.group .disclose').nth(n).click();
        await page.locator('.inner table').nth(Math.min(n, 2)).waitFor();
      }
      assert.ok((await rows()) < 200, `${await rows()} rows`);
      assert.ok((await page.locator('*').count()) < 6000);
      await page.getByRole('link', { name: 'By CVE' }).click();
      await page.getByRole('table', { name: 'Findings' }).waitFor();
      assert.ok((await rows()) < 200, `${await rows()} rows`);
    });

    it('filters with little work for the browser', async () => {
      await page.goto(`${root()}images/${big}`);
      await page.locator('tr.group').first().waitFor();
      const start = await cpuSeconds(browser);
      await page.locator('[data-filter=Unknown]').click();
      await page.waitForURL(/severity=Unknown/);
      await page.waitForLoadState('networkidle');
      await page.locator('tr.group .disclose').first().click();
      await page.locator('.inner table').first().waitFor();
      const used = (await cpuSeconds(browser)) - start;
      assert.ok(used < 2, `${used} CPU s`);
    });
  });

  it('made no error and asked nobody else', () => assert.deepEqual(errors, []));
});

/** Every view, and states of it that have an address. */
function viewsOf(digest: string): string[] {
  return [
    '',
    'images',
    '?label=env:prod',
    'images?incomplete=1',
    `images/${digest}`,
    `images/${digest}?open=npm/log4js@6.3.0`,
    `images/${digest}?group=cve&why=${FAMOUS.id}`,
    `images/${digest}/coverage`,
    'cves',
    'cves?label=team:billing',
    `cves/${FAMOUS.id}`,
    `cves/${FAMOUS.id}?state=unknown`,
    'packages',
    'packages/npm/log4js',
    'search?q=log4js',
    `images/${digest}?decide=${FAMOUS.id}&about=npm/log4js&in=${digest}`,
    'no/such/view',
  ];
}

/** Without what changes by the minute. */
function ages(text: string): string {
  return text.replace(/\b(?:now|\d+ (?:min|h|d) ago)\b/g, 'AGE');
}
