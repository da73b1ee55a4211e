/** Packs facts that are two probabilities of a CVE: a hundred CVEs to a row of `enrichment_block`. */
import { encodeCopyRow } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import type { Enrichment } from '../../model/advisory.ts';

const CVES = 100;
const BILLION = 1e9;
const NONE = -1;

/** All CVEs there are have some 6,000. */
const MAX_BLOCKS = 50_000;

/** Columns of the temporary table that takes the rows. */
export const STAGED_BLOCKS = 'block text collate "C", record text[], first int[], second int[]';

export interface BlockPacker {
  /** Takes a record; of several with one tag the last counts. Gives why not, if it is none of that form. */
  add(record: Enrichment): string | undefined;
  /** All that were taken, as rows of `STAGED_BLOCKS`. */
  rows(): Iterable<string>;
}

/**
 * Packs records that have their tag as `cve`, two probabilities by the names `names`, and else what the first one has.
 * Throws `feed` when there are more than all CVEs could need.
 */
export function blockPacker(names: readonly [string, string]): BlockPacker {
  const blocks = new Map<string, { readonly first: Int32Array; readonly second: Int32Array }>();
  const own = new Set(['cve', ...names]);
  let common: ReadonlyMap<string, unknown> | undefined;
  return {
    add({ tag, data }) {
      if (!/^CVE-\d{4}-\d{4,19}$/.test(tag)) return 'not a CVE id in upper case';
      const record = Object(data) as Readonly<Record<string, unknown>>;
      const [first, second] = [billionths(record[names[0]]), billionths(record[names[1]])];
      if (record.cve !== tag || first === undefined || second === undefined)
        return `not its id and ${names.join(' and ')}, from 0 to 1 with nine decimals`;
      common ??= new Map(Object.entries(record).filter(([key]) => !own.has(key)));
      if (!isAlike(record, common, own)) return `has members in addition to ${names.join(' and ')}`;
      const key = tag.slice(0, -2);
      let block = blocks.get(key);
      if (block === undefined) {
        if (blocks.size === MAX_BLOCKS) throw new AppError('feed', `CVE ids in over ${MAX_BLOCKS} hundreds`);
        block = { first: new Int32Array(CVES).fill(NONE), second: new Int32Array(CVES).fill(NONE) };
        blocks.set(key, block);
      }
      const place = Number(tag.slice(-2));
      block.first[place] = first;
      block.second[place] = second;
      return undefined;
    },
    *rows() {
      const record = fragments(Object.fromEntries(common ?? []), names);
      for (const [block, { first, second }] of blocks)
        yield encodeCopyRow([block, record, arrayOf(first), arrayOf(second)]);
    },
  };
}

/** undefined: it cannot be told in whole billionths. */
function billionths(value: unknown): number | undefined {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) return undefined;
  const whole = Math.round(value * BILLION);
  return whole / BILLION === value ? whole : undefined;
}

/** Whether all but the members in `own` are those of `common`. */
function isAlike(
  record: Readonly<Record<string, unknown>>,
  common: ReadonlyMap<string, unknown>,
  own: ReadonlySet<string>,
): boolean {
  let others = 0;
  for (const key in record) {
    if (own.has(key)) continue;
    if (!common.has(key) || record[key] !== common.get(key)) return false;
    others++;
  }
  return others === common.size;
}

/** The text of a record around the id and the two numbers. */
function fragments(
  common: Readonly<Record<string, unknown>>,
  [first, second]: readonly [string, string],
): string[] {
  const shared = JSON.stringify(common).slice(1, -1);
  return [
    `{${shared}${shared && ','}"cve":"`,
    `",${JSON.stringify(first)}:`,
    `,${JSON.stringify(second)}:`,
    '}',
  ];
}

/** As PostgreSQL writes an array. */
function arrayOf(numbers: Int32Array): string {
  let text = '';
  for (const number of numbers) text += number === NONE ? ',NULL' : `,${number}`;
  return `{${text.slice(1)}}`;
}
