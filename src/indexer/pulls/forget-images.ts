/** Forgets images that a registry has deleted, and their index reports if no other known name refers to them. */
import type { Log } from '../../lib/log.ts';
import type { Indexer } from '../indexer.ts';
import type { IndexJobs } from '../jobs/queue.ts';
import type { RegistryImageStore, WhichNames } from './images-store.ts';
import type { ConfiguredRegistry } from './registry-access.ts';

export interface ForgetParts {
  readonly images: Pick<RegistryImageStore, 'forget'>;
  readonly indexer: Pick<Indexer, 'delete'>;
  readonly jobs: Pick<IndexJobs, 'cancel'>;
  readonly log: Log;
}

/** Index reports stay unless the registry has `forget_deleted`. */
export type ForgetImages = (
  registry: Pick<ConfiguredRegistry, 'host' | 'forget_deleted'>,
  repository: string,
  which: WhichNames,
) => Promise<void>;

export function forgetImages({ images, indexer, jobs, log }: ForgetParts): ForgetImages {
  return async ({ host, forget_deleted: isForgotten }, repository, which) => {
    const orphans = await images.forget(host, repository, which);
    if (!isForgotten || orphans.length === 0) return;
    await jobs.cancel(orphans);
    const deleted = await indexer.delete(orphans);
    log.info('images deleted by the registry', { registry: host, repository, manifests: deleted });
  };
}
