/** Completion of detections with data from the network. */
import type { HttpRequest } from '../lib/http-client.ts';
import type { HttpResponse } from '../lib/http-response.ts';
import type { LayerDetections } from './coalesce.ts';

/** Network, clock and configuration for a resolver. */
export interface ResolverContext {
  /** Returns `indexer.scanner.{package,dist,repo}.<detector>`, not validated; undefined if absent. */
  config(kind: 'package' | 'dist' | 'repo', detector: string): unknown;
  /** Whether only private addresses are allowed (`indexer.airgap`). */
  readonly airgap: boolean;
  /** As `FeedContext.request`. */
  request(url: string, options: HttpRequest & { readonly signal: AbortSignal }): Promise<HttpResponse>;
  readonly now: () => Date;
  /** Logs a warning that concerns no single image, such as a mapping that cannot be refreshed. */
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/**
 * Returns the detections of the ecosystem, completed. Unavailable data are a `problem` of the layers concerned.
 * Sends no request if no layer needs it. Throws only if `signal` is aborted. The result is not stored per layer.
 */
export type Resolve = (
  layers: readonly LayerDetections[],
  signal: AbortSignal,
) => Promise<readonly LayerDetections[]>;
