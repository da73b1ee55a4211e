/** What is found in a folder, as the indexer finds it. */
import { resolve } from 'node:path';
import { ecosystems } from '../../src/ecosystems/index.ts';
import { createLayerBudget, DEFAULT_LIMITS } from '../../src/image/layer/layer-limits.ts';
import { walkDirectory } from '../../src/image/layer/walk-directory.ts';
import { emptyReport } from '../../src/indexer/empty-report.ts';
import { mergeLayers } from '../../src/indexer/merge-layers.ts';
import { settleFiles } from '../../src/indexer/settle-files.ts';
import type { Digest } from '../../src/model/digest.ts';
import type { IndexReport } from '../../src/model/index-report.ts';

const detectors = ecosystems.flatMap((each) => each.detectors);

/** The index report of the folder at `path`, taken for one layer; nothing is looked up elsewhere. */
export function scanTree(path: string): IndexReport {
  const hash = `sha256:${'0'.repeat(64)}` as Digest;
  const layer = walkDirectory({ hash, uri: `dir://${resolve(path)}`, headers: {} }, detectors, {
    budget: createLayerBudget(DEFAULT_LIMITS, () => false),
  });
  const merged = mergeLayers(ecosystems, settleFiles([layer], detectors));
  return { ...emptyReport(hash, 'IndexFinished'), success: true, ...merged };
}
