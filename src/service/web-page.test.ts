import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { type Browser, chromium, type Page } from 'playwright-core';
import { requireAuthentication } from '../http/auth/authenticate.ts';
import { createServer } from '../http/server.ts';
import { noLog } from '../lib/log.ts';
import { isWebPage, webPageRoutes } from './web-page.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
const TOKEN = 'abc';
const DIGEST = `sha256:${'1'.repeat(64)}`;

/** The files of the console, where every other path wants a token, and no other is there. */
function server(): FastifyInstance {
  const app = createServer({ log: noLog });
  const authenticate = async ({ headers }: { headers: { authorization?: string | undefined } }) => {
    if (headers.authorization !== `Bearer ${TOKEN}`) throw new Error('no token');
  };
  requireAuthentication(app, authenticate, noLog, isWebPage);
  webPageRoutes(app);
  return app;
}

describe('the files of the console', () => {
  const app = server();
  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });

  for (const [path, base] of [
    ['', './'],
    ['images', './'],
    [`images/${DIGEST}`, '../'],
    [`images/${DIGEST}/coverage?x=1`, '../../'],
    ['packages/go/golang.org/x/net', '../../../../'],
    ['compare/sha256:a...sha256:b', '../'],
    ['no/such/view', '../../'],
  ] as const)
    it(`answer ${path || 'the root'} with the page, whose base leads back to the root`, async () => {
      const { statusCode, headers, body } = await get(`/matcher/ui/${path}`);
      assert.equal(statusCode, 200);
      assert.equal(headers['content-type'], 'text/html; charset=utf-8');
      assert.match(body, new RegExp(`<base href="${base.replaceAll('.', '\\.')}">`));
      assert.equal(new URL(base, `http://x/matcher/ui/${path}`).href, 'http://x/matcher/ui/');
    });

  it('lead to the root without its slash', async () => {
    const { statusCode, headers } = await get('/matcher/ui');
    assert.deepEqual([statusCode, headers.location], [308, '/matcher/ui/']);
  });

  it('let nothing run or load but files of this origin', async () => {
    const { headers, body } = await get('/matcher/ui/');
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.doesNotMatch(policy, /unsafe|\*|data:|https?:/);
    assert.match(policy, /require-trusted-types-for 'script'; trusted-types 'none'$/);
    assert.doesNotMatch(body, /<script(?![^>]* src=")|<style|\sstyle=|\son\w+=/);
  });

  it('are named by what is in them, kept for ever, and small', async () => {
    const { body, headers } = await get('/matcher/ui/');
    const names = [...body.matchAll(/(?:src|href)="([\w-]+\.(?:js|css))"/g)].map(([, name]) => name!);
    assert.equal(names.length, 2);
    let bytes = gzipSync(body).length;
    for (const name of names) {
      const file = await get(`/matcher/ui/${name}`, { 'accept-encoding': 'gzip' });
      assert.equal(file.statusCode, 200);
      assert.equal(file.headers['cache-control'], 'public, max-age=31536000, immutable');
      assert.equal(file.headers['content-encoding'], 'gzip');
      bytes += file.rawPayload.length;
      const again = await get(`/matcher/ui/${name}`, { 'if-none-match': String(file.headers.etag) });
      assert.equal(again.statusCode, 304);
    }
    assert.equal(headers['cache-control'], 'no-cache');
    assert.ok(bytes < 60_000, `${bytes} bytes before data`);
  });

  it('have no code that makes code of text', async () => {
    const { body } = await get('/matcher/ui/');
    const [, script = ''] = /src="([\w-]+\.js)"/.exec(body) ?? [];
    assert.doesNotMatch((await get(`/matcher/ui/${script}`)).body, /\beval\(|new Function\(/);
  });

  it('are open, and nothing else is', async () => {
    assert.equal((await get('/matcher/ui/icon.svg')).statusCode, 200);
    for (const path of [
      '/matcher/api/v1/console/session',
      '/matcher/uix',
      '/matcher/ui/../api/v1/console/session',
    ])
      assert.equal((await get(path)).statusCode, 401, path);
    for (const path of ['', 'x', '/x', '/x?y'])
      assert.equal(isWebPage(`/matcher/ui${path}`), path !== 'x', path);
  });

  it('offer no other methods', async () => {
    assert.equal((await app.inject({ method: 'POST', url: '/matcher/ui/images' })).statusCode, 404);
    assert.equal((await app.inject({ method: 'HEAD', url: '/matcher/ui/images' })).statusCode, 200);
  });
});

describe('signing in', { skip: CHROMIUM === undefined && 'there is no Chromium here' }, () => {
  const open = new AsyncDisposableStack();
  let root: string;
  let page: Page;
  const errors: string[] = [];

  before(async () => {
    const app = server();
    await app.listen({ host: '127.0.0.1', port: 0 });
    open.defer(() => app.close());
    root = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/matcher/ui/`;
    const browser: Browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: ['--no-sandbox', '--disable-gpu'],
    });
    open.defer(() => browser.close());
    page = await browser.newPage();
    page.on('pageerror', (error) => errors.push(String(error)));
  });
  after(() => open.disposeAsync());

  it('is requested where the API requires a token; the address stays', async () => {
    await page.goto(`${root}images/${DIGEST}?group=cve`);
    await page.getByRole('heading', { name: 'Authentication required' }).waitFor();
    assert.equal(page.url(), `${root}images/${DIGEST}?group=cve`);
    await page.getByLabel('Bearer token').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('The token was rejected').waitFor();
    await page.getByLabel('Bearer token').fill(TOKEN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    // The API has no route here: what the view says of that is shown, and the form is gone.
    await page.getByText('This image is not indexed').waitFor();
    assert.equal(await page.locator('#login').count(), 0);
    assert.equal(page.url(), `${root}images/${DIGEST}?group=cve`);
  });
  it('holds until the tab is closed', async () => {
    await page.goto(root);
    await page.getByRole('button', { name: 'Retry' }).waitFor();
    assert.equal(await page.locator('#login').count(), 0);
  });
  it('keeps the addresses of the page that was here before', async () => {
    await page.goto('about:blank');
    await page.goto(`${root}#${DIGEST}`);
    await page.waitForURL(`${root}images/${DIGEST}`);
    await page.goto('about:blank');
    await page.goto(`${root}#${DIGEST}..sha256:${'2'.repeat(64)}`);
    await page.waitForURL(`${root}compare/sha256:${'2'.repeat(64)}...${DIGEST}`);
    assert.deepEqual(errors, []);
  });
});
