/** The images of `images.ts` as they are indexed, and the SBOMs that real tools made of them. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ecosystems } from '../../src/ecosystems/index.ts';
import { mergeLayers } from '../../src/indexer/merge-layers.ts';
import type { Digest } from '../../src/model/digest.ts';
import type { IndexReport } from '../../src/model/index-report.ts';
import { readSbom } from '../../src/sbom/read-sbom.ts';
import { scanFiles } from '../ecosystems.fixture.ts';
import { ROOT } from '../imports.ts';
import { IMAGES } from './images.ts';

export async function indexed(image: string): Promise<IndexReport> {
  const layer = await scanFiles(IMAGES[image]!);
  return {
    manifestHash: layer.layer as Digest,
    state: 'IndexFinished',
    success: true,
    err: '',
    ...mergeLayers(ecosystems, [layer]),
  };
}

/** Paths of the SBOMs of an image. */
export function sbomsOf(image: string): string[] {
  return globSync(`test/sboms/fixtures/${image}.*`, { cwd: ROOT }).sort();
}

export function readFixture(path: string): IndexReport {
  return readSbom(readFileSync(join(ROOT, path)), basename(path), ecosystems).report;
}

/** Syft tells the label of a module in its own JSON only, Trivy everywhere; without it all streams are looked up, undecided. */
export function knowsModules(path: string): boolean {
  return !/syft\.(?:cdx|spdx)/.test(path);
}

/** The keys of rpm's database are no packages; Syft lists them. */
export const NO_PACKAGE = 'gpg-pubkey';
