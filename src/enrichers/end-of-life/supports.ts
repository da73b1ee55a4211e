/** What is known of the support of a release: what the feed says, else what the table says. */
import { z } from 'zod';
import type { Release, Support } from '../../model/lifecycle.ts';
import { extendedName } from './releases.ts';
import { TABLE } from './table.ts';

/** What is kept of a release, in JSON. */
const Kept = z.object({ until: z.string().optional(), extended: z.string().optional() });

export type SupportRecord = z.input<typeof Kept>;

/** What a release is kept under. */
export function tagOf({ product, cycle }: Release): string {
  return `EOL:${product}:${cycle}`.toUpperCase();
}

/** A kind of extended support that only the table knows goes on beside what the feed says. */
export function supportOf({ product, cycle }: Release, record: string | undefined): Support | undefined {
  const known = TABLE.get(product)?.get(cycle);
  const kept = Kept.safeParse(record === undefined ? undefined : JSON.parse(record));
  if (!kept.success) return known;
  const { until, extended } = kept.data;
  const name = extendedName(product);
  return {
    ...(until !== undefined && { until }),
    extended: [
      ...(extended === undefined ? [] : [{ name, until: extended }]),
      ...(known?.extended ?? []).filter((each) => each.name !== name),
    ],
  };
}
