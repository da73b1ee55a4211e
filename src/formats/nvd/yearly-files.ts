/**
 * The yearly files of the NVD (nvd.nist.gov/vuln/data-feeds): which of them have changed, and the CVEs in those.
 */
import { createHash, type Hash } from 'node:crypto';
import { z } from 'zod';
import type { FeedContext } from '../../contract/feed.ts';
import { AppError } from '../../errors.ts';
import { gunzip } from '../../lib/gunzip.ts';
import type { HttpResponse } from '../../lib/http-response.ts';
import { openSpooled } from '../../lib/spooled-file.ts';
import { type JsonMember, jsonMembers } from '../json/stream.ts';

/** Where they are. */
export const NVD_ROOT = 'https://nvd.nist.gov/feeds/json/cve/2.0/';

const FIRST_YEAR = 2002; // the NVD puts what is older there
const META_LIMIT = 64 * 1024;

const Fingerprint = z.record(z.string().regex(/^\d{4}$/), z.string());

/** A year's file and the checksum of its content, as its `.meta` says. */
interface YearFile {
  readonly year: number;
  readonly url: string;
  readonly sha256: string;
}

/** One CVE of a year's file. */
export interface NvdMember extends Pick<JsonMember, 'bytes' | 'value'> {
  /** How the ids begin that are in place in this file. */
  readonly prefixes: readonly string[];
  /** Something at `path` could not be read, the year is read again the next time. */
  problem(path: readonly PropertyKey[], reason: string): void;
}

export interface YearlyNews {
  /** Complete once all members were read: a year in which something could not be read is not in it. */
  readonly fingerprint: string;
  /** How the ids begin in the years that changed or are gone; undefined: nothing was known before. */
  readonly prefixes: readonly string[] | undefined;
  /** The CVEs of the years that changed. Read at most once. */
  members(): AsyncGenerator<NvdMember, void, void>;
}

/** How a feed names its configuration, and what is lost without a year. */
export interface YearlyOptions {
  readonly root: string;
  readonly fingerprint: string;
  /** Key of the configuration that says `root`. */
  readonly rootKey: string;
  /** `have no CVSS data` */
  readonly loss: string;
}

/** Asks which years have changed since `fingerprint`, and brings them onto disk. Throws `feed`. */
export async function fetchYears(
  { root, fingerprint, rootKey, loss }: YearlyOptions,
  context: FeedContext,
): Promise<YearlyNews | 'unchanged'> {
  const told = { loss, rootKey };
  const announced = await announcedFiles(root.endsWith('/') ? root : `${root}/`, told, context);
  const known = shaByYear(fingerprint);
  const isKnown = ({ year, sha256 }: YearFile): boolean => known.get(year) === sha256;
  const files = await existing(announced, isKnown, told, context);
  if (fingerprintOf(files) === fingerprint) return 'unchanged';
  const same = new Set(files.filter(isKnown).map(({ year }) => year));
  const unread = new Set<number>();
  const kept = await keepFiles(
    files.filter(({ year }) => !same.has(year)),
    context,
  );
  return {
    get fingerprint() {
      return fingerprintOf(files.filter(({ year }) => !unread.has(year)));
    },
    prefixes:
      same.size === 0
        ? undefined
        : yearsUntil(context.now())
            .filter((year) => !same.has(year))
            .flatMap(prefixesOf),
    members: () => membersOf(kept, context, ({ year }) => unread.add(year)),
  };
}

function yearsUntil(now: Date): number[] {
  return Array.from({ length: now.getUTCFullYear() - FIRST_YEAR + 1 }, (_, n) => FIRST_YEAR + n);
}

/** What the CVE ids of a year's file begin with. */
function prefixesOf(year: number): string[] {
  const own = `CVE-${year}-`;
  return year === FIRST_YEAR ? ['CVE-19', 'CVE-2000-', 'CVE-2001-', own] : [own];
}

/** clair-quirk: the form of Clair's fingerprint, so that an imported one is understood. */
function fingerprintOf(files: readonly YearFile[]): string {
  return JSON.stringify(Object.fromEntries(files.map(({ year, sha256 }) => [year, sha256])));
}

/** What a fingerprint says; nothing if it is none of ours. */
function shaByYear(fingerprint: string): Map<number, string> {
  try {
    const known = Fingerprint.parse(JSON.parse(fingerprint));
    return new Map(Object.entries(known).map(([year, sha256]) => [Number(year), sha256]));
  } catch {
    return new Map();
  }
}

type Told = Pick<YearlyOptions, 'loss' | 'rootKey'>;

/** What the `.meta` files say. In January that of the new year may not be there yet. */
async function announcedFiles(root: string, told: Told, context: FeedContext): Promise<YearFile[]> {
  const files: YearFile[] = [];
  for (const year of yearsUntil(context.now())) {
    const url = `${root}nvdcve-2.0-${year}.meta`;
    const response = await context.request(url);
    if (isMissing(response, url, told, context)) {
      await response.discard();
      continue;
    }
    const sha256 = /^sha256:\s*([0-9a-f]{64})\s*$/im
      .exec(await response.text(META_LIMIT))?.[1]
      ?.toUpperCase();
    if (sha256 === undefined) throw new AppError('feed', `${url} has no sha256`);
    files.push({ year, url: `${root}nvdcve-2.0-${year}.json.gz`, sha256 });
  }
  if (files.length === 0)
    throw new AppError('feed', `${root} has no nvdcve-2.0-<year>.meta: check ${told.rootKey}`);
  return files;
}

/** Those whose `.meta` does not stand alone. Of one that was there with the same checksum nobody asks. */
async function existing(
  files: readonly YearFile[],
  isKnown: (file: YearFile) => boolean,
  told: Told,
  context: FeedContext,
): Promise<YearFile[]> {
  const there: YearFile[] = [];
  for (const file of files) {
    if (isKnown(file)) {
      there.push(file);
      continue;
    }
    const response = await context.request(file.url, { method: 'HEAD' });
    await response.discard();
    if (!isMissing(response, file.url, told, context)) there.push(file);
  }
  return there;
}

/** A missing year is a problem; any other failure ends the update, since going on would drop what is known of a year. */
function isMissing(response: HttpResponse, url: string, { loss }: Told, context: FeedContext): boolean {
  if (response.status === 200) return false;
  if (response.status !== 404) throw new AppError('feed', `${url} returned status ${response.status}`);
  context.problem({
    where: url,
    reason: `returned status 404: the CVEs of this year ${loss}`,
  });
  return true;
}

interface KeptFile extends YearFile {
  /** Where it lies, packed. */
  readonly path: string;
}

async function keepFiles(files: readonly YearFile[], context: FeedContext): Promise<KeptFile[]> {
  const kept: KeptFile[] = [];
  for (const file of files) {
    const response = await context.request(file.url);
    if (response.status !== 200) {
      await response.discard();
      throw new AppError('feed', `${file.url} returned status ${response.status}`);
    }
    kept.push({ ...file, path: await context.spool(response.body) });
  }
  return kept;
}

async function* membersOf(
  files: readonly KeptFile[],
  context: FeedContext,
  unread: (file: YearFile) => void,
): AsyncGenerator<NvdMember, void, void> {
  for (const file of files) {
    const { url } = file;
    const prefixes = prefixesOf(file.year);
    const problem = (where: string, reason: string): void => {
      unread(file);
      context.problem({ where, reason });
    };
    const hash = createHash('sha256');
    const content = hashed(gunzip(openSpooled(file.path), url), hash);
    for await (const member of jsonMembers(content, ['vulnerabilities'])) {
      yield {
        bytes: member.bytes,
        get value() {
          return member.value;
        },
        prefixes,
        problem: (path, reason) =>
          problem(`${url}: vulnerabilities.${[member.key, ...path].join('.')}`, reason),
      };
    }
    if (hash.digest('hex').toUpperCase() !== file.sha256)
      problem(url, 'does not match its .meta file and will be read again by the next update');
  }
}

async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  hash: Hash,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}
