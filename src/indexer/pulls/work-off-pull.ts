/** One pull, from the moment that a worker has it until it is done, given back or given up. */
import { AppError, type ErrorCode, isOutage, messageOf, toldOf } from '../../errors.ts';
import type { Credentials } from '../../image/registry/credentials.ts';
import { openRegistryImages } from '../../image/registry/registry.ts';
import { startDeadline } from '../../lib/deadline.ts';
import type { Held } from '../../lib/leased-work.ts';
import type { Log } from '../../lib/log.ts';
import { parseDigest } from '../../model/digest.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { Indexer } from '../indexer.ts';
import type { RegistryImageStore } from './images-store.ts';
import {
  type PulledImage,
  type PullOutcome,
  type PullSource,
  showImage,
  showSource,
  type TakenPull,
} from './pull.ts';
import { type AccessParts, accessTo } from './registry-access.ts';
import type { PullStore } from './store.ts';

export interface PullWorkParts extends AccessParts {
  readonly store: Pick<PullStore, 'end' | 'giveBack'>;
  readonly images: Pick<RegistryImageStore, 'save'>;
  readonly indexer: Pick<Indexer, 'index' | 'report' | 'saveNames' | 'deleteNames'>;
  readonly log: Log;
  /** ms that one image may take. */
  readonly timeout: number;
  /** The login that was sent along with a pull; undefined: it cannot be read any more. */
  readonly loginOf: (key: string, credentials: Uint8Array) => Credentials | undefined;
  /** ms before the second attempt; doubles. */
  readonly backoff?: number;
}

/** Then it is given up. */
const ATTEMPTS = 4;
const BACKOFF = 5_000;
/** ms before the next attempt when the document store or the database failed. */
const OUTAGE = 30_000;
/** The image's own fault: it would fail again. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['bad-layer', 'bad-layer-url', 'layer-limit', 'bad-request']);

/** Never throws: what cannot be told to the database comes due again when the lease is over. */
export async function workOffPull(pull: TakenPull, held: Held, parts: PullWorkParts): Promise<void> {
  const { store, log, backoff = BACKOFF } = parts;
  const { owner } = held;
  const fields = { image: showSource(pull.source), attempt: pull.attempts };
  try {
    if (pull.attempts > ATTEMPTS) return await giveUp(`its worker ended ${ATTEMPTS} times`);
    try {
      const outcome = await pullImages(pull, held.signal, parts);
      await nameImages(pull.source, outcome, parts);
      await store.end(owner, pull, outcome);
      const { skipped } = outcome;
      log.info('image of registry indexed', { ...fields, ...(skipped.length > 0 && { skipped }) });
    } catch (error) {
      if (held.lost.aborted) log.warn('pull was lost', { ...fields, reason: messageOf(error) });
      else if (held.signal.aborted) await store.giveBack(owner, pull.id, 0, undefined);
      else if (isOutage(error)) {
        log.warn('image of registry could not be indexed, will be retried', {
          ...fields,
          reason: messageOf(error),
        });
        await store.giveBack(owner, pull.id, OUTAGE, undefined);
      } else if (pull.attempts >= ATTEMPTS || isFinal(error)) await giveUp(toldOf(error));
      else {
        const delay = backoff * 2 ** (pull.attempts - 1) * (0.75 + Math.random() / 2);
        log.warn('image of registry could not be indexed, will be retried', {
          ...fields,
          reason: messageOf(error),
        });
        await store.giveBack(owner, pull.id, delay, toldOf(error));
      }
    }
  } catch (error) {
    log.warn('pull could not be ended', { ...fields, reason: messageOf(error) });
  }

  async function giveUp(reason: string): Promise<void> {
    log.error('image of registry could not be indexed', { ...fields, reason });
    await store.end(owner, pull, reason);
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof AppError && FINAL.has(error.code);
}

async function pullImages(
  { key, source, credentials, isKept }: TakenPull,
  signal: AbortSignal,
  parts: PullWorkParts,
): Promise<PullOutcome> {
  const login = credentials && parts.loginOf(key, credentials);
  if (credentials && login === undefined)
    throw new AppError('bad-request', 'the credentials of this scan cannot be read any more: scan again');
  const { host, repository, name } = source;
  const named = name.includes(':') ? { digest: parseDigest(name) } : { tag: name };
  // Who asks for the outcome brings a login: that of the configuration is for what nobody asked for.
  const access = accessTo(source, parts, signal, isKept ? { login } : undefined);
  await using found = await openRegistryImages({ host, repository, ...named }, access);
  const images: PulledImage[] = [];
  for (const { manifest, platform } of found.images) {
    await index(manifest, signal, parts);
    images.push({ manifest: manifest.hash, platform });
  }
  return { digest: found.digest, images, skipped: found.skipped };
}

/** Tells the console what the images are called, and, of a registry that is configured, what a name stands for now. */
async function nameImages(
  source: PullSource,
  outcome: PullOutcome,
  { images, registries, indexer }: PullWorkParts,
): Promise<void> {
  const { host } = source;
  const shown = showImage(source);
  for (const { manifest } of outcome.images)
    await indexer.saveNames(manifest, { names: [shown], labels: {} });
  if (!registries.some((registry) => registry.host === host)) return;
  for (const manifest of await images.save(source, outcome)) await indexer.deleteNames(manifest, [shown]);
}

async function index(
  manifest: Manifest,
  signal: AbortSignal,
  { indexer, timeout }: PullWorkParts,
): Promise<void> {
  if ((await indexer.report(manifest.hash))?.current === true) return;
  using deadline = startDeadline(
    timeout,
    () =>
      new AppError('timeout', `indexing timed out after ${timeout / 1000} s (indexer.index_report_timeout)`),
  );
  // The references are ours, made of the registry's address: none of a client's request, which may not have access.
  await indexer.index(manifest, { signal: AbortSignal.any([signal, deadline.signal]), allowLocal: true });
}
