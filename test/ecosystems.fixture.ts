/** For tests of all ecosystems together: layers of a few files, and what our detectors find in them. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ecosystems } from '../src/ecosystems/index.ts';
import { createBudget, DEFAULT_LIMITS } from '../src/image/layer/layer-limits.ts';
import type { LayerScan } from '../src/image/layer/layer-scan.ts';
import { walkLayer } from '../src/image/layer/walk-layer.ts';
import { type TarFile, tarOf } from '../src/image/tar/writer.fixture.ts';
import type { Digest } from '../src/model/digest.ts';

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
      budget: createBudget(DEFAULT_LIMITS, () => false),
      signal: AbortSignal.timeout(10_000),
      allowLocal: true,
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The sample layers of all ecosystems that find packages, by id. Fails where one has none. */
export async function readSamples(): Promise<Readonly<Record<string, readonly TarFile[]>>> {
  const withPackages = ecosystems.filter((each) => each.detectors.some(({ kind }) => kind === 'package'));
  const samples = withPackages.map(async ({ id }) => {
    const module = (await import(
      `../src/ecosystems/${id === 'rhcc' ? 'redhat/containers' : id}/sample.fixture.ts`
    )) as {
      sample: readonly TarFile[];
    };
    return [id, module.sample] as const;
  });
  return Object.fromEntries(await Promise.all(samples));
}
