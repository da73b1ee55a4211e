/** The walk through all tags of a registry: what is new or has changed is queued to be indexed. */
import { AppError, messageOf } from '../../errors.ts';
import { headManifest } from '../../image/registry/fetch-document.ts';
import { openRegistrySession } from '../../image/registry/session.ts';
import { type Held, leasedWork, rest } from '../../lib/leased-work.ts';
import type { Log } from '../../lib/log.ts';
import type { ForgetImages } from '../pulls/forget-images.ts';
import type { RegistryImageStore } from '../pulls/images-store.ts';
import { showSource } from '../pulls/pull.ts';
import type { Pulls } from '../pulls/pulls.ts';
import {
  type AccessParts,
  accessTo,
  type ConfiguredRegistry,
  fitsRepository,
} from '../pulls/registry-access.ts';
import { readCatalog, readTags } from './read-catalog.ts';
import type { TakenWalk, WalkStore } from './walk-store.ts';

export interface WalkParts extends AccessParts {
  readonly store: WalkStore;
  readonly images: Pick<RegistryImageStore, 'known'>;
  readonly pulls: Pick<Pulls, 'add'>;
  readonly forget: ForgetImages;
  /** Of the indexer: images of another one are indexed again. */
  readonly state: string;
  readonly log: Log;
  /** ms between two looks whether a walk is due. */
  readonly poll?: number;
  /** ms before a walk that failed goes on, and before one goes on that has to wait for the queue. */
  readonly pause?: number;
}

const POLL = 30_000;
const PAUSE = 60_000;

/** Walks until `signal` is aborted; never throws. */
export async function walkRegistries(parts: WalkParts, signal: AbortSignal): Promise<void> {
  const { registries, store, log, poll = POLL } = parts;
  if (!registries.some(({ walk_interval }) => walk_interval > 0)) return;
  const work = leasedWork<TakenWalk>({
    queue: store,
    work: (walk, held) => walkOne(walk, held, parts),
    what: 'walk of a registry',
    log,
    concurrency: 1,
    poll,
  });
  await work.run(signal);
}

async function walkOne({ id: host, after }: TakenWalk, held: Held, parts: WalkParts): Promise<void> {
  const { store, log, registries, pause = PAUSE } = parts;
  const registry = registries.find((each) => each.host === host)!;
  const found = { repositories: 0, tags: 0, queued: 0, failed: 0 };
  log.info('walk of registry start', { registry: host, ...(after !== undefined && { after }) });
  try {
    for await (const repository of repositoriesOf(registry, after, held.signal, parts)) {
      try {
        await walkRepository(repository, registry, held.signal, parts, found);
        found.repositories++;
      } catch (error) {
        held.signal.throwIfAborted();
        // One that cannot be read, for want of a right or of tags, does not keep the others from being read.
        if (!(error instanceof AppError) || error.code !== 'bad-target') throw error;
        found.failed++;
        log.warn('repository could not be walked', { registry: host, repository, reason: messageOf(error) });
      }
      await store.passed(held.owner, host, repository);
    }
    await store.end(held.owner, host, registry.walk_interval);
    log.info('walk of registry done', { registry: host, ...found });
  } catch (error) {
    if (!held.signal.aborted)
      log.warn('walk of registry failed, will be continued', { registry: host, reason: messageOf(error) });
    try {
      if (!held.lost.aborted) await store.giveBack(held.owner, host, held.signal.aborted ? 0 : pause);
    } catch (failure) {
      log.warn('walk of registry could not be given back', { registry: host, reason: messageOf(failure) });
    }
  }
}

/** Those that are configured, from the catalog unless each is named. */
async function* repositoriesOf(
  registry: ConfiguredRegistry,
  after: string | undefined,
  signal: AbortSignal,
  parts: WalkParts,
): AsyncGenerator<string> {
  const { host, repositories } = registry;
  if (repositories.every((pattern) => !pattern.includes('*'))) {
    // In the order of their names, so that it is known which come after one.
    const names = [...new Set(repositories)].sort();
    yield* names.filter((name) => after === undefined || name > after);
    return;
  }
  for await (const repository of readCatalog(host, accessTo({ host }, parts, signal), after)) {
    if (fitsRepository(repository, repositories)) yield repository;
  }
}

async function walkRepository(
  repository: string,
  registry: ConfiguredRegistry,
  signal: AbortSignal,
  parts: WalkParts,
  found: { tags: number; queued: number },
): Promise<void> {
  const { host } = registry;
  const { images, state } = parts;
  const name = `${host}/${repository}`;
  await using session = await openRegistrySession({ host, repository }, accessTo({ host }, parts, signal));
  const tags = await readTags(session, name);
  const known = await images.known(host, repository, state);
  for (const tag of tags) {
    found.tags++;
    const digest = await headManifest(session, tag);
    if (digest !== undefined && known.get(tag) === digest) continue;
    await addWhenThereIsRoom({ host, repository, name: tag }, signal, parts);
    found.queued++;
  }
  if (registry.forget_deleted) await parts.forget(registry, repository, { otherThan: tags });
}

async function addWhenThereIsRoom(
  source: { readonly host: string; readonly repository: string; readonly name: string },
  signal: AbortSignal,
  { pulls, pause = PAUSE }: WalkParts,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await pulls.add({ key: showSource(source), source });
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'too-many-requests') throw error;
      await rest(pause, signal);
    }
  }
}
