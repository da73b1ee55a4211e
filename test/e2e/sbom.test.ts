/** `clairctl scan` of what somebody wrote of an image, and all formats at once: the same findings as of the image. */
import assert from 'node:assert/strict';
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { openSbom } from '../../src/cli/scan/sbom-target.ts';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { cycloneDxMistakes } from '../cyclonedx-schema.ts';
import { writeOciLayout } from './make-image.ts';
import { type Ended, runToEnd } from './run-program.ts';
import { ALPINE, startWorld, worldConfig } from './world.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const FILES = [
  ...['json', 'clair', 'sarif', 'cyclonedx', 'spdx', 'openvex', 'junit', 'gitlab', 'report.html'],
  'markdown',
];

interface Report {
  readonly manifest: string;
  readonly target: { readonly kind: string };
  readonly findings: readonly object[];
  readonly incomplete: readonly object[];
}

describe('clairctl scan and SBOMs', () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-sbom-'));
  const inFolder = (name: string) => join(folder, name);
  let database: string[] = [];
  const scan = (...args: string[]): Promise<Ended> => runToEnd('clairctl', ['scan', ...database, ...args]);
  const readReport = (name: string): Report => JSON.parse(readFileSync(inFolder(name), 'utf8'));

  before(async () => {
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    const world = open.use(await startWorld());
    const { dsn } = open.use(await testDatabase());
    writeFileSync(inFolder('config.yaml'), worldConfig(world));
    database = ['--db', dsn, '--config', inFolder('config.yaml')];
    writeOciLayout(inFolder('image'), [ALPINE]);
  });
  after(() => open.disposeAsync());

  it('writes every format at once, each to its file, and SBOMs beside them', async () => {
    const formats = [
      'table',
      ...FILES.map((file) => `${file.replace('report.', '')}=${inFolder(file)}`),
    ].join(',');
    const sboms = ['--sbom-output', inFolder('a.json'), '--sbom-output', inFolder('b.spdx.json')];
    const { code, stdout, stderr } = await scan('--format', formats, ...sboms, inFolder('image'));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^teapot /m);
    for (const format of FILES) assert.match(readFileSync(inFolder(format), 'utf8'), /CVE-2099-0001/, format);
    assert.doesNotMatch(readFileSync(inFolder('a.json'), 'utf8'), /CVE-2099-0001/);
    assert.equal(readReport('json').findings.length, 1);
  });

  for (const name of ['a.json', 'cyclonedx']) {
    it(`writes ${name} as the schema of CycloneDX has it`, () => {
      assert.equal(cycloneDxMistakes(JSON.parse(readFileSync(inFolder(name), 'utf8'))), '');
    });
  }

  for (const name of ['a.json', 'b.spdx.json', 'cyclonedx', 'spdx']) {
    it(`finds the same in ${name}`, async () => {
      const output = ['--format', 'json', '--output', inFolder('again.json')];
      const { code, stderr } = await scan('--update', 'never', ...output, `sbom:${inFolder(name)}`);
      assert.equal(code, 0, stderr);
      const [image, again] = [readReport('json'), readReport('again.json')];
      assert.deepEqual([again.findings, again.incomplete], [image.findings, image.incomplete]);
      assert.deepEqual([again.manifest, again.target.kind], [image.manifest, 'sbom']);
    });
  }

  it('finds the same by package URLs alone, as of the SBOM of another scanner', async () => {
    const document = JSON.parse(readFileSync(inFolder('a.json'), 'utf8'));
    for (const component of document.components) delete component.properties;
    writeFileSync(inFolder('bare.json'), JSON.stringify(document));
    const { code, stdout, stderr } = await scan('--update', 'never', inFolder('bare.json'));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^teapot\s+1\.0-r0\s+1\.1-r0\s+apk\s+CVE-2099-0001/m);
  });

  it('says what it cannot check: packages of types that nobody knows', async () => {
    const components = [
      { type: 'library', name: 'lab', version: '1', purl: 'pkg:bitbucket/example.com/lab@1' },
    ];
    writeFileSync(
      inFolder('bitbucket.json'),
      JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.4', components }),
    );
    const { code, stdout } = await scan('--update', 'never', `sbom:${inFolder('bitbucket.json')}`);
    assert.equal(code, 3, stdout);
    assert.match(stdout, /1 package \(1 bitbucket\)/);
    assert.match(stdout, /NOT CHECKED: .*bitbucket/);
  });

  it('reads one from a stream', async () => {
    const target = await openSbom('sbom:-', createReadStream(inFolder('a.json')));
    assert.equal(Object.keys(target?.index.packages ?? {}).length, 2);
  });

  for (const [target, message] of [
    ['sbom:', /names no file/],
    [`sbom:${inFolder('nowhere')}`, /cannot read SBOM/],
    [`sbom:${inFolder('config.yaml')}`, /is not an SBOM\. .*CycloneDX/],
  ] as const) {
    it(`says 1 and why for ${target.replace(folder, '')}`, async () => {
      const { code, stderr } = await scan('--update', 'never', target);
      assert.equal(code, 1, stderr);
      assert.match(stderr, message);
    });
  }

  const skip = CHROMIUM === undefined ? 'there is no Chromium here' : false;
  it('has a report in HTML that filters, sorts and groups, and loads nothing', { skip }, async () => {
    const browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('request', (request) => {
        if (!request.url().startsWith('file:')) complaints.push(request.url());
      });
      await page.goto(pathToFileURL(inFolder('report.html')).href);
      const shown = page.locator('output');
      const shows = (text: string) => page.locator('output', { hasText: text }).waitFor();
      assert.equal(await shown.textContent(), '1 package, 1 finding');
      await page.fill('[name=q]', 'kettle');
      await shows('0 packages, 0 findings');
      await page.fill('[name=q]', 'TEAPOT 0001');
      await shows('1 package, 1 finding');
      assert.match((await page.locator('tr.group').textContent()) ?? '', /teapot/);
      await page.selectOption('[name=fix]', 'none');
      await shows('0 packages, 0 findings');
      await page.getByRole('link', { name: 'Clear the filter' }).click();
      await shows('1 package, 1 finding');
      await page.getByRole('link', { name: 'By CVE' }).click();
      await page.getByRole('button', { name: 'Package' }).click();
      assert.match((await page.locator('th[aria-sort=ascending]').textContent()) ?? '', /Package/);
      assert.deepEqual(complaints, []);
    } finally {
      await browser.close();
    }
  });
});
