/** Which versions of a product a record of the NVD is about (NVD API 2.0: `configurations`, CPE match criteria). */
import { z } from 'zod';
import type { Interval } from '../osv/intervals.ts';

const bound = z.string().max(100).optional();

const Match = z.object({
  vulnerable: z.boolean(),
  criteria: z.string().max(1000),
  versionStartIncluding: bound,
  versionStartExcluding: bound,
  versionEndIncluding: bound,
  versionEndExcluding: bound,
});
const Node = z.object({
  operator: z.string().optional(),
  negate: z.boolean().optional(),
  cpeMatch: z.array(z.unknown()),
});

/** As a record has it: nodes that hold together, or any of them. */
export const Configuration = z.object({ operator: z.string().optional(), nodes: z.array(Node) });

/** A product by its names, with versions of it: `after` is just above the version that it is of. */
export interface CpeRange extends Interval {
  readonly vendor: string;
  readonly product: string;
  /** `from` itself is not affected. */
  readonly fromExcluded?: true;
  /** One version and all its updates (`*`), or none of them. */
  readonly updates?: 'any' | 'none';
}

/**
 * The ranges of a record's configurations, and how many of its criteria could not be read. Only what stands for itself
 * counts: a product that is vulnerable together with another one (a plugin, a system that it runs on) is not taken for the
 * product.
 */
export function rangesOf(configurations: readonly z.output<typeof Configuration>[]): {
  readonly ranges: CpeRange[];
  readonly unreadable: number;
} {
  const ranges: CpeRange[] = [];
  let unreadable = 0;
  for (const { operator, nodes } of configurations) {
    if (operator === 'AND' && nodes.length > 1) continue;
    for (const node of nodes) {
      if (node.operator === 'AND' || node.negate) continue;
      for (const each of node.cpeMatch) {
        const match = Match.safeParse(each);
        if (!match.success) unreadable++;
        else if (match.data.vulnerable) ranges.push(...rangeOf(match.data));
      }
    }
  }
  return { ranges, unreadable };
}

/** cpe:2.3:part:vendor:product:version:update:edition:language:sw_edition:target_sw:target_hw:other */
function rangeOf({ criteria, ...bounds }: z.output<typeof Match>): CpeRange[] {
  const parts = criteria.split(/(?<!\\):/).map((part) => part.replaceAll(/\\(.)/g, '$1').toLowerCase());
  const [, , part, vendor = '', product = '', version = '', update = '', , , , target = '*'] = parts;
  // What runs on WordPress or Node.js has a product's name, too.
  if (part !== 'a' || (target !== '*' && target !== '-')) return [];
  const of = { vendor, product };
  const { versionStartIncluding, versionStartExcluding, versionEndIncluding, versionEndExcluding } = bounds;
  const from = versionStartIncluding ?? versionStartExcluding;
  if (version === '*') {
    return [
      {
        ...of,
        ...(from !== undefined && { from }),
        ...(versionStartIncluding === undefined && from !== undefined && { fromExcluded: true }),
        ...(versionEndExcluding !== undefined
          ? { below: versionEndExcluding, fixed: versionEndExcluding }
          : versionEndIncluding !== undefined && { upTo: versionEndIncluding }),
      },
    ];
  }
  // `-`: a record of which nobody knew the version; others of it have one.
  if (version === '-' || version === '') return [];
  if (update === '*' || update === '-' || update === '')
    return [{ ...of, from: version, upTo: version, updates: update === '*' ? 'any' : 'none' }];
  const exact = /^p\d+$/.test(update) ? `${version}${update}` : `${version}-${update}`;
  return [{ ...of, from: exact, upTo: exact, updates: 'none' }];
}
