import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { requireAuthentication } from '../http/auth/authenticate.ts';
import { createServer } from '../http/server.ts';
import { noLog } from '../lib/log.ts';
import { isWebPage, webPageRoutes } from './web-page.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
const DIGEST = `sha256:${'1'.repeat(64)}`;
const OLDER = `sha256:${'2'.repeat(64)}`;
const HOSTILE = '<img src=x onerror=alert(1)>"\'&';

/** A report with `count` findings, the first of which is hostile. */
function report(count: number, skip = 0) {
  const range = Array.from({ length: count }, (_, index) => index).slice(skip);
  const named = <T>(make: (index: number) => T) =>
    Object.fromEntries(range.map((index) => [index, make(index)]));
  return {
    manifest_hash: DIGEST,
    packages: named((index) => ({ name: index === 0 ? HOSTILE : `pkg-${index}`, version: `1.${index}` })),
    distributions: { 1: { pretty_name: 'Debian 12' } },
    environments: named(() => [{ package_db: 'var/lib/dpkg/status', introduced_in: DIGEST }]),
    vulnerabilities: named((index) => ({
      name: `CVE-2099-${1000 + index}`,
      updater: 'debian/updater',
      links: `https://example.com/${index} javascript:alert(1)`,
      description: HOSTILE,
      normalized_severity: index % 2 === 0 ? 'High' : 'Low',
      fixed_in_version: index % 3 === 0 ? 'fixed=2.0%2Bx&introduced=1' : '',
    })),
    package_vulnerabilities: named((index) => [String(index)]),
    findings: range.map((index) => ({
      package: String(index),
      name: `CVE-2099-${1000 + index}`,
      ...(index === 2 && { aliases: ['GHSA-page-0002'] }),
      vulnerabilities: [String(index)],
      severity: index % 2 === 0 ? 'High' : 'Low',
      ...(index % 3 === 0 && { fixed_in: '2.0+x' }),
      ...(index === 1 && {
        cvss: { score: 9.8, vector: '', version: '3.1', source: 'NVD' },
        exploited: true,
      }),
    })),
    feeds: [
      {
        name: 'debian/updater',
        scope: 'debian:12',
        state: 'ok',
        last_success: '2099-01-01T00:00:00Z',
        rows: 3,
      },
    ],
    incomplete: [{ what: 'npm', reason: 'no feed covers it', packages: 2 }],
    problems: [],
  };
}

describe('the web page', { skip: CHROMIUM === undefined && 'there is no Chromium here' }, () => {
  const open = new AsyncDisposableStack();
  let address: string;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];
  let token: string | undefined;

  before(async () => {
    const app = createServer({ log: noLog });
    const authenticate = async ({ headers }: { headers: { authorization?: string | undefined } }) => {
      if (token !== undefined && headers.authorization !== `Bearer ${token}`) throw new Error('no token');
    };
    requireAuthentication(app, authenticate, noLog, isWebPage);
    webPageRoutes(app);
    app.get('/matcher/api/v1/vulnerability_report/:digest', (request, reply) => {
      const { digest } = request.params as { digest: string };
      if (digest === DIGEST) return reply.send(report(600));
      if (digest === OLDER) return reply.send(report(601, 2));
      return reply
        .code(404)
        .send({ code: 'not-found', message: `index report for manifest "${digest}" not found` });
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    open.defer(() => app.close());
    address = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/matcher/ui/`;
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: ['--no-sandbox', '--disable-gpu'],
    });
    open.defer(() => browser.close());
    page = await browser.newPage();
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (line) => line.type() === 'error' && errors.push(line.text()));
    page.on('dialog', (dialog) => errors.push(`dialog: ${dialog.message()}`));
  });
  after(() => open.disposeAsync());

  const rows = () => page.locator('#findings tbody tr');

  it('shows a report, page by page, and what was not checked', async () => {
    await page.goto(`${address}#${DIGEST}`);
    await page.locator('#report').waitFor();
    assert.equal(await rows().count(), 250);
    assert.match(await page.locator('#tiles').innerText(), /600\s+findings/);
    assert.match(await page.locator('#caveats').innerText(), /npm: no feed covers it \(2 packages\)/);
    assert.match(await page.locator('#feeds').innerText(), /debian\/updater\s+debian:12\s+ok/);
    await page.locator('#more').click();
    assert.equal(await rows().count(), 500);
  });
  it('filters, sorts and groups', async () => {
    await page.locator('[name=search]').fill('cve-2099-1001');
    assert.equal(await rows().count(), 1);
    assert.match(await rows().first().innerText(), /pkg-1\s+1\.1.*exploited.*Low\s+9\.8/s);
    await page.locator('[name=search]').fill('ghsa-page-0002');
    assert.match(await rows().first().innerText(), /pkg-2\s.*CVE-2099-1002/s);
    await page.locator('[name=search]').fill('');
    await page.getByRole('button', { name: 'CVSS' }).click();
    assert.match(await rows().first().innerText(), /CVE-2099-1001/);
    await page.locator('[name=fix]').selectOption('yes');
    assert.equal(await page.locator('.tools output').innerText(), '200 of 600');
    await page.locator('[name=group]').selectOption('layer');
    assert.match(await rows().first().innerText(), /sha256:1+ \(200\)/);
    await page.locator('[name=group]').selectOption('');
    await page.locator('[name=fix]').selectOption('');
  });
  it('takes nothing of a report for markup', async () => {
    await page.locator('[name=search]').fill('cve-2099-1000');
    assert.ok((await rows().first().innerText()).includes(HOSTILE));
    assert.equal(await page.locator('#findings a[href^=javascript]').count(), 0);
    await page.locator('[name=search]').fill('');
  });
  it('compares two manifests', async () => {
    await page.locator('[name=base]').fill(OLDER);
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.locator('#changes').waitFor();
    await page.locator('[name=change]').selectOption('new');
    assert.equal(await rows().count(), 2);
    await page.locator('[name=change]').selectOption('gone');
    assert.match(await rows().first().innerText(), /pkg-600/);
    await page.locator('[name=change]').selectOption('');
  });
  it('says what is wrong', async () => {
    await page.goto(`${address}#sha256:${'3'.repeat(64)}`);
    await page.locator('#message.error').waitFor();
    assert.match(await page.locator('#message').innerText(), /index report for manifest .* not found/);
    assert.deepEqual(
      errors.filter((text) => !text.includes('404')),
      [],
    );
    errors.length = 0;
  });
  it('asks for a token where one is wanted', async () => {
    token = 'abc';
    await page.goto(`${address}#${DIGEST}`);
    await page.locator('#login').waitFor();
    await page.locator('[name=token]').fill('abc');
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.locator('#report').waitFor();
    assert.equal((await fetch(new URL('/matcher/ui/../api/v1/vulnerability_report/x', address))).status, 401);
    token = undefined;
    assert.deepEqual(
      errors.filter((text) => !text.includes('401')),
      [],
    );
  });
});
