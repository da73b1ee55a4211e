/** For tests of all ecosystems together: layers of a few files, and what our detectors find in them. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Sample } from '../src/contract/sample.fixture.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { createLayerBudget, DEFAULT_LIMITS } from '../src/image/layer/layer-limits.ts';
import type { LayerScan } from '../src/image/layer/layer-scan.ts';
import { walkLayer } from '../src/image/layer/walk-layer.ts';
import { type TarFile, tarOf } from '../src/image/tar/writer.fixture.ts';
import type { Digest } from '../src/model/digest.ts';
import { ROOT } from './imports.ts';

/** All detectors that there are. */
export const detectors = ecosystems.flatMap((ecosystem) => ecosystem.detectors);

/** What they find in a layer of `files`. */
export async function scanFiles(files: readonly TarFile[]): Promise<LayerScan> {
  const bytes = tarOf(...files);
  const directory = mkdtempSync(join(tmpdir(), 'clair-files-'));
  try {
    const path = join(directory, 'layer');
    writeFileSync(path, bytes);
    const hash = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
    return await walkLayer({ hash, uri: `file://${path}`, headers: {} }, detectors, {
      budget: createLayerBudget(DEFAULT_LIMITS, () => false),
      signal: AbortSignal.timeout(10_000),
      allowLocal: true,
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The samples of all ecosystems, which lie beside their code. Fails where one that finds packages has none, or two. */
export async function readSamples(): Promise<ReadonlyMap<string, Sample>> {
  const paths = globSync('src/ecosystems/**/sample.fixture.ts', { cwd: ROOT }).sort();
  const modules = await Promise.all(
    paths.map((path) => import(pathToFileURL(join(ROOT, path)).href) as Promise<{ readonly sample: Sample }>),
  );
  const found = modules.map(({ sample }) => sample.of);
  const wanted = ecosystems
    // What is left when no other knows it only tells of what is not read.
    .filter(
      ({ fallback, detectors: own, feeds }) =>
        !fallback && (feeds.length > 0 || own.some(({ kind }) => kind === 'package')),
    )
    .map(({ id }) => id);
  assert.deepEqual(found.toSorted(), wanted.toSorted(), 'a sample.fixture.ts for each ecosystem');
  return new Map(modules.map(({ sample }) => [sample.of, sample]));
}
