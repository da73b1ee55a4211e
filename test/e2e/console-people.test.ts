/** The console against a real service, where several people work: conflicts, decisions by the dozen, VEX, redelivery, readers. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { Decisions } from '../../src/model/api/console/types.ts';
import { FAMOUS } from './console-feeds.ts';
import { cannotBrowse, openConsolePage } from './console-page.ts';
import { type ConsoleWorld, startConsoleWorld } from './console-world.ts';

const SECRET = 'correct horse battery staple';
/** As the reverse proxy says it. */
const signedIn = (user: string, groups: string) => ({
  'x-clair-proxy-secret': SECRET,
  'x-forwarded-user': user,
  'x-forwarded-groups': groups,
});
const ANA = signedIn('ana@example.com', 'security,platform');
const BEN = signedIn('ben@example.com', 'security');
const RITA = signedIn('rita@example.com', 'auditors');

describe('the console among people', { skip: cannotBrowse }, () => {
  const open = new AsyncDisposableStack();
  let world: ConsoleWorld;
  let page: Page;
  let errors: string[];
  /** How the webhook answers. */
  let hookStatus = 500;
  let deliveries = 0;
  const root = () => `${world.address}/matcher/ui/`;
  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });

  before(async () => {
    const config = {
      auth: {
        proxy: {
          trusted: ['127.0.0.1'],
          secret: SECRET,
          roles: { triage: ['security'], operate: ['platform'] },
        },
      },
      notifier: { delivery_attempts: 1 },
    };
    world = open.use(
      await startConsoleWorld({
        headers: ANA,
        config: (address) => ({
          ...config,
          notifier: {
            ...config.notifier,
            webhook: { target: `${address}/hook`, callback: `${address}/none/` },
          },
        }),
      }),
    );
    const feeds = world.world.intercept;
    world.world.intercept = (path, response) => {
      if (path !== '/hook') return feeds(path, response);
      deliveries++;
      return response.writeHead(hookStatus).end() !== undefined;
    };
    ({ page, errors } = open.use(await openConsolePage(world.address)));
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.context().setExtraHTTPHeaders(ANA);
  });
  after(() => open.disposeAsync());

  it('decides for several images at once', async () => {
    await page.goto(`${root()}cves/${FAMOUS.id}`);
    for (const name of [/checkout:4\.18\.2/, /ledger:11\.4\.0/])
      await page.getByRole('checkbox', { name }).check();
    await page.getByRole('link', { name: 'Decide for 2 images' }).click();
    await page.getByLabel('Reason').fill('The appender is not configured (SEC-7).');
    await page.getByText('2 findings in 2 images').waitFor();
    await page.getByRole('button', { name: 'Record for 2 findings' }).click();
    await page
      .getByRole('table', { name: 'Images' })
      .getByText(/^Not affected until/)
      .nth(1)
      .waitFor();
    const { decisions }: Decisions = await world.get('decisions');
    assert.deepEqual(
      decisions.map(({ cve, by, findings, scope }) => [cve, by, findings, 'image' in scope]),
      Array(2).fill([FAMOUS.id, 'ana@example.com', 1, true]),
    );
  });

  it('shows both texts when somebody else has changed the decision, and saves over it only when told', async () => {
    const { decisions }: Decisions = await world.get('decisions');
    const { id, revision } = decisions[0]!;
    await page.goto(`${root()}decisions?show=${id}`);
    const reason = page.getByRole('dialog').getByLabel('Reason');
    await reason.waitFor();
    const change = { reason: 'The pattern is off.' };
    const status = await world.change('PATCH', `decisions/${id}`, change, {
      'if-match': `"${revision}"`,
      ...BEN,
    });
    assert.equal(status, 200);
    await reason.fill('The library is unused.');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Another person changed this decision.').waitFor();
    await page.getByText('Theirs (ben@example.com): The pattern is off.').waitFor();
    assert.equal(await reason.inputValue(), 'The library is unused.');
    errors.splice(0, errors.length, ...errors.filter((error) => !error.includes('412')));
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Changed by ana@example.com').waitFor();
    const { decisions: after }: Decisions = await world.get('decisions');
    const saved = after.find((each) => each.id === id)!;
    assert.deepEqual(
      [saved.reason, saved.by, saved.revision],
      ['The library is unused.', 'ana@example.com', 3],
    );
  });

  it('imports VEX, and says what was not taken', async () => {
    await page.goto(`${root()}decisions`);
    await heading('Triage').waitFor();
    await page.getByLabel('Import VEX').setInputFiles({
      name: 'vendor.openvex.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(VENDOR)),
    });
    await page.getByText('1 decision made, 0 statements known before, 1 refused.').waitFor();
    await page.getByText(/is about one version/).waitFor();
    const row = page.getByRole('row', { name: /CVE-2099-3010/ });
    await row.waitFor();
    assert.match(await row.innerText(), /lodash[\s\S]*all images[\s\S]*Not affected[\s\S]*VEX/);
  });

  it('repeats a notification that its target has refused', async () => {
    await world.publish({
      ...{ id: 'GHSA-4300-aaaa-bbbb', cve: 'CVE-2099-4300', ecosystem: 'npm', package: 'express' },
      ...{ fixed: '5.0.0', summary: 'A path is read beyond its folder' },
      vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    });
    // A notifier looks for what has changed when it starts.
    await world.restart();
    await page.goto(`${root()}notifications?state=dead`);
    await heading('Notifications').waitFor();
    const deliveriesOf = page.getByRole('table', { name: 'Deliveries' });
    const deadLetter = deliveriesOf.getByRole('row', { name: /Dead letter/ });
    await reloadedUntil(page, () => deadLetter.isVisible());
    assert.match(await deadLetter.innerText(), /osv\/npm[\s\S]*webhook[\s\S]*500/);
    const before = deliveries;
    hookStatus = 200;
    await deadLetter.getByRole('button', { name: /^Redeliver/ }).click();
    await page.goto(`${root()}notifications?state=delivered`);
    await reloadedUntil(page, () => deliveriesOf.getByRole('row', { name: /Delivered/ }).isVisible());
    assert.equal(deliveries, before + 1);
  });

  it('shows a reader everything, and offers nothing that changes anything', async () => {
    await page.context().setExtraHTTPHeaders(RITA);
    await page.goto(`${root()}cves/${FAMOUS.id}`);
    await page.getByRole('table', { name: 'Images' }).getByRole('row').nth(1).waitFor();
    assert.equal(await page.getByRole('checkbox').count(), 0);
    assert.equal(await page.getByRole('link', { name: /^Decide/ }).count(), 0);
    await page.keyboard.press('j');
    await page.keyboard.press('t');
    assert.doesNotMatch(page.url(), /decide=/);
    await page.goto(`${root()}decisions`);
    await page.getByRole('table', { name: 'Decisions' }).waitFor();
    for (const name of ['Import VEX', 'New'])
      assert.equal(await page.getByText(name, { exact: true }).count(), 0);
    await page
      .getByRole('link', { name: /^Show the decision/ })
      .first()
      .click();
    await page
      .getByText(/^Imported|^Made|^Changed/)
      .first()
      .waitFor();
    for (const name of ['Save', 'Withdraw'])
      assert.equal(await page.getByRole('button', { name }).count(), 0);
    await page.goto(`${root()}notifications`);
    await page.getByRole('table', { name: 'Deliveries' }).waitFor();
    assert.equal(await page.getByRole('button', { name: /^Redeliver/ }).count(), 0);
    await page.goto(`${root()}feeds`);
    await page.getByRole('table', { name: 'Feeds' }).waitFor();
    assert.equal(await page.getByRole('button', { name: /^Update/ }).count(), 0);
    const [{ id, revision } = { id: '', revision: 0 }] = (await world.get<Decisions>('decisions')).decisions;
    const headers = { 'if-match': `"${revision}"`, ...RITA };
    assert.equal(await world.change('PATCH', `decisions/${id}`, { reason: 'mine' }, headers), 403);
    assert.equal(await world.change('POST', 'feeds/update', {}, RITA), 403);
  });

  it('made no error and asked nobody else', () => assert.deepEqual(errors, []));
});

/** Statements of a vendor: one about a package, and one about a version of it, which is no decision. */
const VENDOR = {
  '@context': 'https://openvex.dev/ns/v0.2.0',
  '@id': 'https://vendor.test/vex/1',
  author: 'Vendor',
  timestamp: '2099-01-01T00:00:00Z',
  version: 1,
  statements: [
    {
      vulnerability: { name: 'CVE-2099-3010' },
      products: [{ '@id': 'pkg:npm/lodash' }],
      status: 'not_affected',
      justification: 'vulnerable_code_not_present',
    },
    {
      vulnerability: { name: 'CVE-2099-3011' },
      products: [{ '@id': 'pkg:npm/lodash@4.17.15' }],
      status: 'not_affected',
      justification: 'vulnerable_code_not_present',
    },
  ],
};

/** Loads the page again until `condition` holds: views of what others do ask now and then. */
async function reloadedUntil(page: Page, condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; ) {
    await page.waitForLoadState('networkidle');
    if (await condition()) return;
    if (Date.now() > deadline) throw new Error(`it has not come: ${await page.locator('main').innerText()}`);
    await sleep(200);
    await page.reload();
  }
}
