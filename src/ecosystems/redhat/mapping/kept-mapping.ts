/** A document that is published somewhere and kept in memory: read when it is first needed, asked for news once a day. */

import { lookup } from 'node:dns/promises';
import { readFile, stat } from 'node:fs/promises';
import type { ResolverContext } from '../../../contract/resolver.ts';
import { AppError, messageOf } from '../../../errors.ts';
import { orAborted } from '../../../lib/or-aborted.ts';
import { isPrivateAddress } from '../../../lib/private-networks.ts';
import { readAll } from '../../../lib/read-all.ts';
import type { MappingSettings } from './settings.ts';
import { unpack } from './unpack.ts';

const DAY = 86_400_000;
/** A download that failed is tried again sooner. */
const RETRY = 600_000;
/** Ten times of what Red Hat's have. */
const MAX_BYTES = 128 * 1024 * 1024;

/** What there is of a mapping now; without a value, `reason` says why. */
export type Kept<T> =
  | { readonly value: T; readonly reason?: undefined }
  | { readonly value?: undefined; readonly reason: string };

/** The mapping as it is now; asks for news if that is due. Throws only when `signal` is aborted. */
export type KeptMapping<T> = (signal: AbortSignal) => Promise<Kept<T>>;

/** Keeps the mapping `what`, whose JSON `parse` reads (it throws if that makes no sense). Nothing is read before it is asked for. */
// differs: nothing is requested at startup, nor for images that do not need it, and an error is a problem of the images that do (clair-indexing.md#red-hat-repository-mapping)
export function keepMapping<T>(
  what: string,
  { file, url, timeout }: MappingSettings,
  parse: (document: unknown) => T,
  context: ResolverContext,
): KeptMapping<T> {
  let value: T | undefined;
  let reason = '';
  let fileIsDue = file !== undefined;
  let due = 0;
  let validators: { readonly etag?: string; readonly modifiedSince?: string } = {};
  let running: Promise<void> | undefined;

  async function attempt(from: string, read: () => Promise<void>): Promise<boolean> {
    try {
      await read();
      reason = '';
      return true;
    } catch (error) {
      reason = `${what} could not be fetched from ${from}: ${messageOf(error)}`;
      context.warn(`${what} could not be fetched`, { from, reason: messageOf(error) });
      return false;
    }
  }

  async function refresh(): Promise<void> {
    if (fileIsDue && file !== undefined) {
      const wasRead = await attempt(file, async () => {
        value = parse(await readMapping(file));
      });
      fileIsDue = !wasRead;
    }
    const isNew =
      url === undefined
        ? !fileIsDue
        : await attempt(url, async () => {
            const news = await download(url, { timeout, ...validators }, context);
            if (news === 'unchanged') return;
            value = parse(news.document);
            validators = news.validators;
          });
    due = context.now().getTime() + (isNew ? DAY : RETRY);
  }

  return async (signal) => {
    signal.throwIfAborted();
    const isDue = context.now().getTime() >= due && (url !== undefined || fileIsDue);
    // One download for all who wait; whoever is aborted only stops waiting.
    if (isDue) {
      running ??= refresh().finally(() => {
        running = undefined;
      });
    }
    if (running !== undefined) await orAborted(running, signal);
    return value === undefined ? { reason } : { value };
  };
}

async function readMapping(file: string): Promise<unknown> {
  const { size } = await stat(file);
  if (size > MAX_BYTES) throw new Error(`bigger than ${MAX_BYTES} bytes`);
  return parseJson(await unpack(await readFile(file), MAX_BYTES));
}

interface News {
  readonly document: unknown;
  readonly validators: { readonly etag?: string; readonly modifiedSince?: string };
}

async function download(
  url: string,
  { timeout, ...validators }: { readonly timeout: number } & News['validators'],
  context: ResolverContext,
): Promise<News | 'unchanged'> {
  if (context.airgap) await needPrivate(url);
  const signal = AbortSignal.timeout(timeout);
  try {
    const response = await context.request(url, { ...validators, signal });
    if (response.status === 304) {
      await response.discard();
      return 'unchanged';
    }
    if (response.status !== 200) {
      await response.discard();
      throw new AppError('feed', `status ${response.status}`);
    }
    const [etag, modifiedSince] = [response.header('etag'), response.header('last-modified')];
    return {
      document: parseJson(await unpack(await readAll(response.body, MAX_BYTES, tooLong), MAX_BYTES)),
      validators: { ...(etag && { etag }), ...(modifiedSince && { modifiedSince }) },
    };
  } catch (error) {
    if (signal.aborted) throw new AppError('feed', `not here within ${timeout / 1000} s`, { cause: error });
    throw error;
  }
}

const tooLong = (): AppError => new AppError('feed', `over ${MAX_BYTES} bytes`);

function parseJson(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
}

/** Throws if any address of the host may be public. */
async function needPrivate(url: string): Promise<void> {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const addresses = await lookup(host, { all: true });
  if (!addresses.every(({ address }) => isPrivateAddress(address))) {
    throw new AppError(
      'feed',
      'its address is not private (indexer.airgap); name a file or a private URL in the configuration',
    );
  }
}
