/** What must be asked elsewhere before detections are complete. */
import type { HttpRequest } from '../lib/http-client.ts';
import type { HttpResponse } from '../lib/http-response.ts';
import type { LayerDetections } from './coalesce.ts';

/** What a resolver may use of the world, and how it is configured. */
export interface ResolverContext {
  /** `indexer.scanner.{package,dist,repo}.<detector>`, unchecked; undefined if there is none. */
  config(kind: 'package' | 'dist' | 'repo', detector: string): unknown;
  /** Whether only private addresses may be asked (`indexer.airgap`). */
  readonly airgap: boolean;
  /** As `FeedContext.request`. */
  request(url: string, options: HttpRequest & { readonly signal: AbortSignal }): Promise<HttpResponse>;
  readonly now: () => Date;
  /** For what concerns no single image, e.g. a mapping that cannot be refreshed. */
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/**
 * The ecosystem's own detections, completed; what could not be had is a `problem` of the layers that it concerns.
 * Asks nothing if no layer needs it; never throws but when `signal` is aborted. The result is not stored by layer.
 */
export type Resolve = (
  layers: readonly LayerDetections[],
  signal: AbortSignal,
) => Promise<readonly LayerDetections[]>;
