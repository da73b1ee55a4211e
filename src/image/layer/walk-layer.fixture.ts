/** For tests of walks: a layer that is walked by made detectors, and what they say of it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Detection, Detector, Entry } from '../../contract/detector.ts';
import { parseDigest } from '../../model/digest.ts';
import type { TarFile } from '../tar/writer.fixture.ts';
import { createLayerBudget, DEFAULT_LIMITS, type LayerLimits } from './layer-limits.ts';
import type { LayerScan } from './layer-scan.ts';
import { walkLayer } from './walk-layer.ts';

const directory = mkdtempSync(join(tmpdir(), 'clair-walk-'));
const spillDirectory = mkdtempSync(join(tmpdir(), 'clair-spill-'));
after(() => {
  rmSync(directory, { recursive: true });
  rmSync(spillDirectory, { recursive: true });
});

interface Walked extends LayerScan {
  /** Bytes read of the layer, over all passes, in layers. */
  readonly passes: number;
}

export async function walk(
  archive: Buffer,
  detectors: readonly Detector[],
  limits: Partial<LayerLimits> = {},
): Promise<Walked> {
  const bytes = gzipSync(archive);
  const path = join(directory, 'layer');
  writeFileSync(path, bytes);
  let passes = 0;
  const detections = await walkLayer(
    {
      hash: parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`),
      uri: `file://${path}`,
      headers: {},
    },
    detectors,
    {
      budget: createLayerBudget({ ...DEFAULT_LIMITS, ...limits }, () => false),
      signal: AbortSignal.timeout(10_000),
      allowLocal: true,
      spillDirectory,
      onBytes: (count) => {
        if (count === bytes.length) passes++;
      },
    },
  ).finally(() => assert.deepEqual(readdirSync(spillDirectory), []));
  return { ...detections, passes };
}

export function detector(parts: Partial<Detector>): Detector {
  return { id: 'd', revision: '1', kind: 'package', ...parts };
}

export const says = (path: string, database: string): Detection => ({ found: 'database', path, database });

/** Keeps what `wants` says, and tells of each file. */
export function keeper(wants: (entry: Entry) => boolean, parts: Partial<Detector> = {}): Detector {
  return detector({
    wants,
    *read(layer) {
      for (const file of layer.files) yield says(file.path, file.read().toString());
    },
    ...parts,
  });
}

export const everything = keeper(({ type }) => type !== 'directory');

/** What the detectors say, then what is wrong with the layer itself. */
export function told({ found, problems }: LayerScan): string[] {
  const tellProblem = ({ where, reason }: LayerScan['problems'][number]): string => `! ${where}: ${reason}`;
  return [
    ...found.map((found) =>
      found.found === 'database'
        ? `${found.path}=${found.database}`
        : found.found === 'problem'
          ? tellProblem(found)
          : found.found,
    ),
    ...problems.map(tellProblem),
  ];
}

export const f = (name: string, content = name): TarFile => ({ name, content });
export const sym = (name: string, link: string): TarFile => ({ name, flag: '2', link });
export const hard = (name: string, link: string): TarFile => ({ name, flag: '1', link });
