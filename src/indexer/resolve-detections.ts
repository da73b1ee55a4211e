/** Completes what detectors found by what must be asked elsewhere: Red Hat's mapping of repositories, a jar's SHA-1. */
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Resolve, ResolverContext } from '../contract/resolver.ts';
import { messageOf } from '../errors.ts';
import type { LayerScan } from '../image/layer/layer-scan.ts';
import type { HttpClient } from '../lib/http-client.ts';
import type { Log } from '../lib/log.ts';
import { detectorKey } from './indexer-state.ts';

/** `indexer.scanner` of the configuration: by kind, then by the detector's name. */
export type ScannerConfig = {
  readonly [kind in 'package' | 'dist' | 'repo']?: Readonly<Record<string, unknown>> | null | undefined;
};

export interface ResolveOptions {
  readonly scanner?: ScannerConfig | null | undefined;
  /** Only private addresses may be asked. */
  readonly airgap?: boolean;
  readonly log: Log;
  readonly now?: () => Date;
  /** Another way to the world, for tests. */
  readonly http?: HttpClient;
}

export type ResolveDetections = (layers: readonly LayerScan[], signal: AbortSignal) => Promise<LayerScan[]>;

/** One resolver for each ecosystem that has one; they live as long as the indexer. */
export function resolveDetections(
  ecosystems: readonly Ecosystem[],
  { scanner, airgap = false, log, now = () => new Date(), http }: ResolveOptions,
): ResolveDetections {
  let client = http && Promise.resolve(http);
  const context: ResolverContext = {
    config: (kind, detector) => scanner?.[kind]?.[detector],
    airgap,
    now,
    warn: (message, fields) => log.warn(message, fields),
    async request(url, { signal, ...request }) {
      // Imported only now: most images ask nobody.
      client ??= import('../lib/http-client.ts').then(({ createHttpClient }) => createHttpClient());
      return await (await client).request(url, request, signal);
    },
  };
  const resolvers = ecosystems.flatMap(({ id, detectors, resolver }) =>
    resolver === undefined
      ? []
      : [{ id, own: new Set(detectors.map(detectorKey)), resolve: resolver(context) }],
  );

  return async (layers, signal) => {
    let resolved = [...layers];
    for (const { id, own, resolve } of resolvers)
      resolved = await resolveOwn(id, own, resolve, resolved, signal);
    return resolved;
  };
}

async function resolveOwn(
  ecosystem: string,
  own: ReadonlySet<string>,
  resolve: Resolve,
  layers: readonly LayerScan[],
  signal: AbortSignal,
): Promise<LayerScan[]> {
  const ownFound = layers.map(({ found }) => found.filter(({ detector }) => own.has(detector)));
  if (ownFound.every((found) => found.length === 0)) return [...layers];
  try {
    const resolved = await resolve(
      layers.map((layer, index) => ({ ...layer, found: ownFound[index] ?? [] })),
      signal,
    );
    return layers.map((layer, index) => ({
      ...layer,
      found: [...layer.found.filter(({ detector }) => !own.has(detector)), ...(resolved[index]?.found ?? [])],
    }));
  } catch (error) {
    signal.throwIfAborted();
    const problem = {
      where: ecosystem,
      reason: `what was found could not be completed: ${messageOf(error)}`,
    };
    return layers.map((layer) => ({ ...layer, problems: [...layer.problems, problem] }));
  }
}
