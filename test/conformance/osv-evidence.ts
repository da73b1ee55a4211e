/**
 * What the recorded OSV advisories say, evaluated by the letter of the OSV schema, apart from the code under test (whose
 * version order alone is used): for rules that excuse a difference in findings.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

/** The parts of an advisory that say which versions are affected. */
export interface OsvAdvisory {
  readonly id: string;
  readonly affected?: readonly {
    readonly package?: { readonly ecosystem: string; readonly name: string };
    readonly versions?: readonly string[];
    readonly ranges?: readonly {
      readonly type: string;
      readonly events: readonly Record<string, string>[];
    }[];
  }[];
}

/** Finds advisories in the dumps below `feeds`. */
export class OsvDumps {
  readonly #folder: string;
  readonly #dumps = new Map<string, Map<string, Buffer>>();

  constructor(corpus: string) {
    this.#folder = join(corpus, 'feeds', 'osv-vulnerabilities.storage.googleapis.com');
  }

  /** The advisory `id` that the updater `osv/<ecosystem>` reads; some dumps have a file for each of its packages. */
  find(updater: string, id: string): OsvAdvisory | undefined {
    const records = [...this.#dump(updater.replace(/^osv\//, ''))]
      .filter(([name]) => name === `${id}.json` || name.startsWith(`${id}-`))
      .map(([, data]) => JSON.parse(data.toString('utf8')) as OsvAdvisory & { readonly id?: string })
      .filter((record) => record.id === id);
    return records.length === 0
      ? undefined
      : { id, affected: records.flatMap(({ affected }) => affected ?? []) };
  }

  #dump(ecosystem: string): Map<string, Buffer> {
    const known = this.#dumps.get(ecosystem);
    if (known !== undefined) return known;
    const folder = existsSync(this.#folder)
      ? readdirSync(this.#folder).find((name) => name.toLowerCase() === ecosystem)
      : undefined;
    const file = join(this.#folder, folder ?? '', 'all.zip');
    const dump =
      folder !== undefined && existsSync(file) ? unzip(readFileSync(file)) : new Map<string, Buffer>();
    this.#dumps.set(ecosystem, dump);
    return dump;
  }
}

/** Stored and deflated members, by the central directory. */
function unzip(zip: Buffer): Map<string, Buffer> {
  const members = new Map<string, Buffer>();
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let offset = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const method = zip.readUInt16LE(offset + 10);
    const size = zip.readUInt32LE(offset + 20);
    const nameLength = zip.readUInt16LE(offset + 28);
    const name = zip.toString('utf8', offset + 46, offset + 46 + nameLength);
    const local = zip.readUInt32LE(offset + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const data = zip.subarray(start, start + size);
    members.set(name, method === 0 ? data : inflateRawSync(data));
    offset += 46 + nameLength + zip.readUInt16LE(offset + 30) + zip.readUInt16LE(offset + 32);
  }
  return members;
}

/** Orders two versions; undefined where one cannot be read. */
export type Order = (a: string, b: string) => number | undefined;

/** Whether the advisory affects `version` of `name`; undefined: it does not say, or not in versions that can be ordered. */
export function isAffected(
  advisory: OsvAdvisory,
  { ecosystem, name, version }: { ecosystem: string; name: string; version: string },
  order: Order,
): boolean | undefined {
  let answer: boolean | undefined;
  for (const entry of advisory.affected ?? []) {
    if (entry.package?.ecosystem.toLowerCase().split(':')[0] !== ecosystem) continue;
    if (foldName(entry.package.name, ecosystem) !== foldName(name, ecosystem)) continue;
    answer ??= false;
    if (entry.versions?.some((listed) => order(listed, version) === 0)) return true;
    for (const range of entry.ranges ?? []) {
      if (range.type !== 'GIT' && isInRange(range.events, version, order)) return true;
    }
  }
  return answer;
}

function foldName(name: string, ecosystem: string): string {
  return ecosystem === 'pypi' ? name.toLowerCase().replace(/[-_.]+/g, '-') : name;
}

/** OSV schema, "Evaluation": the events in order of version; the last one at or below the version counts. */
function isInRange(events: readonly Record<string, string>[], version: string, order: Order): boolean {
  const flat = events.flatMap((event) => Object.entries(event).map(([kind, at]) => ({ kind, at })));
  const reached = (at: string): boolean => at === '0' || (order(at, version) ?? 1) <= 0;
  const sorted = flat
    .filter(({ kind, at }) => kind !== 'limit' && reached(at))
    .sort((a, b) => (a.at === b.at ? 0 : a.at === '0' ? -1 : b.at === '0' ? 1 : (order(a.at, b.at) ?? 0)));
  let vulnerable = false;
  for (const { kind, at } of sorted) {
    if (kind === 'introduced') vulnerable = true;
    else if (kind === 'fixed') vulnerable = false;
    else if (kind === 'last_affected' && (order(at, version) ?? 0) < 0) vulnerable = false;
  }
  return vulnerable;
}
