/** The feed of one dump of the OSV database: fetched, and read record by record. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { Feed, FeedContext, FeedSet, Fetched, Piece } from '../../contract/feed.ts';
import { AppError, messageOf } from '../../errors.ts';
import { readFeedConfig } from '../../feeds/feed-config.ts';
import { fetchNews } from '../../feeds/fetch-news.ts';
import { inPieces } from '../../feeds/in-pieces.ts';
import type { Advisory } from '../../model/advisory.ts';
import { openZip, type Zip } from '../archives/zip.ts';
import { orderOf } from './affected.ts';
import type { OsvOptions } from './options.ts';
import { advisoriesOf } from './record.ts';

const DEFAULT_URL = 'https://osv-vulnerabilities.storage.googleapis.com/';

/** `updaters.config.osv`. */
const SetConfig = z.object({ url: z.string().optional(), allowlist: z.array(z.string()).nullish() });

/** `updaters.config.osv/<dump>`. */
const FeedConfig = z.object({ url: z.string().optional() });

/** npm has some hundred thousand records, the longest ones of OSV are a few MiB. */
const MAX_RECORDS = 10_000_000;
const MAX_RECORD = 64 * 1024 * 1024;

/** After so many records other work of the process gets its turn. */
const TURN = 100;

/** The one feed `osv/<dump>`, unless the configuration lists others only. */
// differs: which dumps are read is known beforehand, upstream's ecosystems.txt is not asked (clair-matching.md#osv, clair-matching.md#feeds-that-match-nothing)
export function osvFeeds(options: OsvOptions): Pick<FeedSet, 'feeds'> {
  return {
    feeds: async (config, context) => {
      const { url, allowlist } = readFeedConfig('osv', SetConfig, config);
      const isListed = allowlist?.some((name) => name.toLowerCase() === options.dump.toLowerCase()) ?? true;
      if (!isListed) return [];
      const isMirror = url !== undefined && url !== DEFAULT_URL;
      if (isMirror && options.mirrorsMayLack && !(await isThere(url, options.dump, context))) return [];
      return [osvFeed(options, url)];
    },
  };
}

/** Whether a mirror has `dump`: only its clear answer that it has none counts, anything else is the feed's own failure. */
async function isThere(url: string, dump: string, context: FeedContext): Promise<boolean> {
  try {
    const response = await context.request(dumpUrl(url, dump, 'osv'), { method: 'HEAD' });
    await response.discard();
    return response.status !== 404;
  } catch {
    context.signal.throwIfAborted();
    return true;
  }
}

/** A feed of a dump at `base`, which is the dump itself or the place where all dumps are. */
export function osvFeed(options: OsvOptions, base = DEFAULT_URL): Feed {
  const { name = `osv/${options.dump.toLowerCase()}` } = options;
  return {
    name,
    scopes: 'key' in options.scope ? [options.scope] : options.scope.scopes,
    versions: options.versions,
    fetch: async (fingerprint, config, context) => {
      const url = dumpUrl(readFeedConfig(name, FeedConfig, config).url ?? base, options.dump, name);
      return fetchDump(url, fingerprint, options, context);
    },
  };
}

/** A URL that ends in `.zip` is the dump itself, any other the place where all dumps are. */
function dumpUrl(url: string, dump: string, name: string): string {
  if (!URL.canParse(url))
    throw new AppError('bad-config', `updaters.config.${name}.url is not a URL: ${url}`);
  if (new URL(url).pathname.endsWith('.zip')) return url;
  return `${url.replace(/\/*$/, '')}/${encodeURIComponent(dump)}/all.zip`;
}

async function fetchDump(
  url: string,
  fingerprint: string,
  options: OsvOptions,
  context: FeedContext,
): Promise<Fetched<Advisory> | 'unchanged'> {
  const news = await fetchNews(context, { url, fingerprint, by: 'etag' });
  if (news === 'unchanged') return news;
  const path = await context.spool(news.response.body);
  return inPieces(news.fingerprint, readDump(path, url, options, context), context);
}

async function* readDump(
  path: string,
  url: string,
  options: OsvOptions,
  context: FeedContext,
): AsyncGenerator<Piece<Advisory>, void, void> {
  const file = openSync(path, 'r');
  try {
    const read = (offset: number, length: number): Buffer => {
      const bytes = Buffer.allocUnsafe(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
    };
    const zip = openZip(read, fstatSync(file).size, { entries: MAX_RECORDS });
    const order = orderOf(options.versions);
    let seen = 0;
    let unreadable = 0;
    for (const entry of zip.entries()) {
      if (entry.name.endsWith('/')) continue;
      if (++seen % TURN === 0) {
        await setImmediate();
        context.signal.throwIfAborted();
      }
      const { name, crc, size, compressedSize } = entry;
      yield {
        content: `${crc} ${size} ${compressedSize} ${name}`,
        *read(tell) {
          const problem = (reason: string): void => tell({ where: name, reason });
          try {
            yield* advisoriesOf(readRecord(zip, entry), options, { now: context.now(), problem, order });
          } catch (error) {
            unreadable++;
            problem(messageOf(error));
          }
        },
      };
    }
    // An upstream that serves nonsense must not make every package look safe.
    if (unreadable === seen) throw new Error('no readable record');
  } catch (error) {
    if (context.signal.aborted) throw error;
    throw new AppError('feed', `the OSV dump ${url} could not be read: ${messageOf(error)}`, {
      cause: error,
    });
  } finally {
    closeSync(file);
  }
}

function readRecord(zip: Zip, entry: Parameters<Zip['readEntry']>[0]): unknown {
  return JSON.parse(zip.readEntry(entry, MAX_RECORD).toString());
}
