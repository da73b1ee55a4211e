import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readScan } from '../image/layer/layer-scan.ts';
import { pathDigest, readPathDigests } from '../image/layer/path-digests.ts';
import { tarOf } from '../image/tar/writer.fixture.ts';
import { parseDigest } from '../model/digest.ts';
import type { LayerReference } from '../model/manifest.ts';
import { LayerScanner, type LayerScannerOptions } from './layer-scanner.ts';

const directory = mkdtempSync(join(tmpdir(), 'clair-scanner-'));
after(() => rmSync(directory, { recursive: true }));

function layerOf(name: string): LayerReference {
  const bytes = tarOf({ name, content: 'x' });
  const path = join(directory, name);
  writeFileSync(path, bytes);
  return {
    hash: parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`),
    uri: `file://${path}`,
    headers: {},
  };
}

const a = layerOf('a');
const ecosystemsModule = new URL('./layer-scanner.fixture.ts', import.meta.url).href;
const scannerOf = (options: LayerScannerOptions = {}): LayerScanner =>
  new LayerScanner({ threads: 1, ecosystemsModule, ...options });
const run = (...detectors: string[]) => ({ detectors, allowLocal: true, signal: AbortSignal.timeout(8000) });

describe('layer scanner', () => {
  it('scans layers, as many at once as it has threads', async () => {
    await using scanner = scannerOf({ threads: 2 });
    const layers = Array.from({ length: 6 }, (_, i) => layerOf(`layer${i}`));
    const scans = await Promise.all(layers.map((layer) => scanner.scan(layer, run('list'))));
    for (const [i, detections] of scans.map(readScan).entries()) {
      assert.ok(readPathDigests(detections.paths)(pathDigest(`layer${i}`)));
      assert.deepEqual(detections, {
        layer: layers[i]!.hash,
        paths: detections.paths,
        owned: [],
        runnable: [],
        whiteouts: [],
        problems: [],
        found: [{ found: 'database', database: 'list', path: `layer${i}`, detector: 'list:1:package' }],
      });
    }
  });
  it('starts another thread for a layer that waits while a CPU is idle', async () => {
    const scanner = scannerOf({ threads: 2, standby: true, idleMeter: () => () => 1.5 });
    const scans = [scanner.scan(a, run('forever')), scanner.scan(a, run('list'))] as const;
    scans[0].catch(() => {});
    assert.equal((await scans[1]).found.size, 1);
    await scanner[Symbol.asyncDispose]();
  });
  it('starts none in a service of which the CPUs are at work', async () => {
    const asked = Promise.withResolvers<void>();
    let times = 0;
    const idleMeter = () => () => {
      if (++times === 3) asked.resolve();
      return 0.9;
    };
    const scanner = scannerOf({ threads: 2, standby: true, idleMeter });
    const scans = [scanner.scan(a, run('forever')), scanner.scan(a, run('list'))];
    for (const scan of scans) scan.catch(() => {});
    await asked.promise;
    assert.deepEqual(scanner.figures(), { waiting: 1, scanning: 1 });
    await scanner[Symbol.asyncDispose]();
  });
  it('runs only the detectors that it is asked for', async () => {
    await using scanner = scannerOf();
    assert.equal((await scanner.scan(a, run())).found.size, 0);
  });
  it('tells of its progress', async () => {
    await using scanner = scannerOf();
    const seen: number[] = [];
    await scanner.scan(a, { ...run('list'), onProgress: ({ bytes }) => seen.push(bytes) });
    assert.deepEqual(seen, [2048]);
  });
  it('walks directories, for our own command line only', async () => {
    await using scanner = scannerOf();
    mkdirSync(join(directory, 'tree'), { recursive: true });
    writeFileSync(join(directory, 'tree/file'), 'x');
    const tree = { ...a, uri: `dir://${directory}/tree` };
    const { found } = readScan(await scanner.scan(tree, run('list')));
    assert.deepEqual(
      found.map((each) => each.found === 'database' && each.path),
      ['file'],
    );
    for (const layer of [tree, a]) {
      await assert.rejects(scanner.scan(layer, { ...run('list'), allowLocal: false }), {
        name: 'AppError',
        code: 'bad-layer-url',
        message: /unsupported protocol scheme/,
      });
    }
  });
  it('brings errors and limits across', async () => {
    await using scanner = scannerOf({ limits: { entries: 0 } });
    await assert.rejects(scanner.scan(a, run('list')), { name: 'AppError', code: 'layer-limit' });
    await assert.rejects(scanner.scan({ ...a, uri: 'file:///none' }, run()), {
      code: 'layer-unavailable',
      message: /not found/,
    });
  });
  it('replaces a thread that dies', async () => {
    await using scanner = scannerOf();
    await assert.rejects(scanner.scan(a, run('crash')), {
      code: 'internal-error',
      message: /scanner thread failed at layer sha256:/,
    });
    await assert.rejects(scanner.scan(a, run('crash')), { code: 'internal-error' });
    assert.equal((await scanner.scan(a, run('list'))).found.size, 1);
  });
  it('names a module that is not there', async () => {
    await using scanner = scannerOf({ ecosystemsModule: 'file:///none.ts' });
    await assert.rejects(scanner.scan(a, run('list')), { code: 'internal-error', message: /none\.ts/ });
  });
  it('stops when aborted: at work, and while waiting', async () => {
    await using scanner = scannerOf();
    const atWork = new AbortController();
    const waiting = new AbortController();
    const first = assert.rejects(scanner.scan(a, { ...run('endless'), signal: atWork.signal }), /enough/);
    const second = assert.rejects(
      scanner.scan(a, { ...run('list'), signal: waiting.signal }),
      /changed my mind/,
    );
    const third = scanner.scan(a, run('list'));
    waiting.abort(new Error('changed my mind'));
    await second;
    setTimeout(() => atWork.abort(new Error('enough')), 200);
    await first;
    assert.equal((await third).found.size, 1);
    await assert.rejects(
      scanner.scan(a, { ...run('list'), signal: AbortSignal.abort(new Error('never')) }),
      /never/,
    );
  });
  it('ends a thread that does not stop', async () => {
    await using scanner = scannerOf({ grace: 100 });
    await assert.rejects(scanner.scan(a, { ...run('forever'), signal: AbortSignal.timeout(300) }), {
      name: 'TimeoutError',
    });
    assert.equal((await scanner.scan(a, run('list'))).found.size, 1);
  });
  it('fails what is left when it is closed', async () => {
    const scanner = scannerOf();
    const scans = [scanner.scan(a, run('forever')), scanner.scan(a, run('list'))].map((scan) =>
      assert.rejects(scan, { code: 'internal-error' }),
    );
    await scanner[Symbol.asyncDispose]();
    await Promise.all(scans);
    await assert.rejects(scanner.scan(a, run('list')), /closed/);
  });
});
