/** Scans layers in this thread. */
import { ecosystems } from '../ecosystems/index.ts';
import type { LayerFindings } from '../ecosystems/contract.ts';
import { createBudget, DEFAULT_LIMITS } from '../image/layer-limits.ts';
import { walkLayer } from '../image/walk-layer.ts';
import type { LayerReference } from '../model/manifest.ts';
export class LayerScanner implements AsyncDisposable {
  constructor(_options: { threads?: number; airgap?: boolean }) {}
  async scan(layer: LayerReference, options: { detectors: readonly string[]; allowLocal?: boolean; signal: AbortSignal; onProgress?: (p: { bytes: number }) => void }): Promise<LayerFindings> {
    const detectors = ecosystems.flatMap((e) => e.detectors).filter((d) => options.detectors.includes(d.id));
    return walkLayer(layer, detectors, { budget: createBudget(DEFAULT_LIMITS, () => options.signal.aborted), allowLocal: options.allowLocal ?? false, signal: options.signal } as never);
  }
  async [Symbol.asyncDispose]() {}
}
