/** Folders of sources: lists of packages are read there, and nowhere else. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ecosystems } from '../src/ecosystems/index.ts';
import { readScan } from '../src/image/layer/layer-scan.ts';
import { tarOf } from '../src/image/tar/writer.fixture.ts';
import { LayerScanner } from '../src/indexer/layer-scanner.ts';
import { mergeLayers } from '../src/indexer/merge-layers.ts';
import { settleFiles } from '../src/indexer/settle-files.ts';
import type { Digest } from '../src/model/digest.ts';
import { detectors } from './ecosystems.fixture.ts';

const scanner = new LayerScanner({ threads: 1 });
const root = mkdtempSync(join(tmpdir(), 'clair-checkout-'));
after(async () => {
  await scanner[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

/** Packages with their places, then what is told: `kind where`. */
async function seen(uri: string, content: string | Buffer = uri): Promise<string[]> {
  const hash = `sha256:${createHash('sha256').update(content).digest('hex')}` as Digest;
  const scan = await scanner.scan(
    { hash, uri, headers: {} },
    { detectors: detectors.map(({ id }) => id), allowLocal: true, signal: AbortSignal.timeout(30_000) },
  );
  const { packages, problems } = mergeLayers(ecosystems, settleFiles([readScan(scan)], detectors));
  return [
    ...packages.map(({ package: { name, version }, environments }) =>
      [name, version, ...environments.map(({ packageDb }) => packageDb)].join(' '),
    ),
    ...problems.map(({ kind, where }) => `! ${kind} ${where}`).sort(),
  ];
}

let folders = 0;
function folder(files: Readonly<Record<string, string>>): string {
  const path = join(root, String(folders++));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return `dir://${pathToFileURL(path).pathname}`;
}

const LOCK = '{"lockfileVersion":3,"packages":{"node_modules/lodash":{"version":"4.17.0"}}}';
const LODASH = '{"name":"lodash","version":"4.17.0"}';
const MODULE = 'node_modules/lodash/package.json';

describe('a folder of sources', () => {
  it('has the packages that its lists name, and says which files were read', async () => {
    const files = { 'web/package-lock.json': LOCK, 'requirements.txt': 'django==1.0\nopen\n' };
    assert.deepEqual(await seen(folder(files)), [
      'lodash 4.17.0 nodejs:web/package-lock.json',
      'django 1.0 python:requirements.txt',
      '! note requirements.txt',
      '! note web/package-lock.json',
      '! undefined requirements.txt',
    ]);
  });

  it('has a package once that is listed and installed', async () => {
    assert.deepEqual(await seen(folder({ 'package-lock.json': LOCK, [MODULE]: LODASH })), [
      `lodash 4.17.0 nodejs:${MODULE} nodejs:package-lock.json`,
      '! note package-lock.json',
    ]);
  });

  it('tells of lists that cannot be read, and of kinds that nobody reads, once', async () => {
    assert.deepEqual(await seen(folder({ 'package-lock.json': '{"cut', 'sbom.json': '{}' })), [
      '! undefined package-lock.json',
      '! unread-inventory sbom.json',
    ]);
  });
});

describe('what is no folder of sources', () => {
  it('is the root of a system: there is what is installed', async () => {
    const files = { 'etc/os-release': 'ID=lab\n', 'app/package-lock.json': LOCK };
    assert.deepEqual(await seen(folder(files)), ['! unread-inventory app/package-lock.json']);
  });

  it('is a layer of an image', async () => {
    const path = join(root, 'layer.tar');
    const layer = tarOf({ name: 'app/package-lock.json', content: LOCK });
    writeFileSync(path, layer);
    assert.deepEqual(await seen(pathToFileURL(path).href, layer), [
      '! unread-inventory app/package-lock.json',
    ]);
  });
});
