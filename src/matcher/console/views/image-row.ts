/** An image as lists and its own page have it. */
import type { ConsoleImage } from '../../../model/api/console/types.ts';
import { shownRisk } from '../../../model/risk.ts';

export interface ImageRow {
  readonly id: number;
  readonly digest: string;
  readonly name: string | null;
  readonly names: ConsoleImage['names'];
  readonly labels: Record<string, string>;
  readonly distribution: string | null;
  readonly packages: number;
  readonly layers: number;
  readonly critical: number;
  readonly high: number;
  readonly medium: number;
  readonly low: number;
  readonly negligible: number;
  readonly unknown: number;
  readonly cves: number;
  readonly exploited: number;
  readonly fixable: number;
  readonly risk: number | null;
  readonly came: number;
  readonly went: number;
  readonly accepted: number;
  readonly not_affected: number;
  readonly coverage: ConsoleImage['coverage']['state'];
  readonly checked: number;
  readonly indexed: Date | null;
  readonly last_seen: Date | null;
  readonly state: string;
  readonly error: string | null;
  readonly in_use: boolean;
  readonly newest: boolean;
}

/** Columns of an `ImageRow`, of a `console_image` that is called `i`; `since`: the parameter that is a day ago. */
export const imageColumns = (since: string): string => `
  i.id, i.digest, i.name, i.names, i.labels, i.distribution, i.packages, cardinality(i.layers) as layers, i.critical, i.high,
  i.medium, i.low, i.negligible, i.unknown, i.cves, i.exploited, i.fixable, i.risk, i.accepted, i.not_affected,
  i.coverage, i.checked, i.indexed, i.last_seen, i.state, i.error, i.in_use, i.newest,
  (select coalesce(sum(c.new), 0)::int from console_change c
    where c.image = i.id and c.at > ${since} and c.cause = 'feed') as came,
  (select coalesce(sum(c.gone), 0)::int from console_change c
    where c.image = i.id and c.at > ${since} and c.cause = 'feed') as went`;

export function imageToWire(row: ImageRow): ConsoleImage {
  const { critical, high, medium, low, negligible, unknown } = row;
  return {
    digest: row.digest,
    names: row.names,
    labels: row.labels,
    distribution: row.distribution,
    packages: row.packages,
    layers: row.layers,
    counts: { critical, high, medium, low, negligible, unknown },
    cves: row.cves,
    exploited: row.exploited,
    fixable: row.fixable,
    risk: row.risk === null ? null : shownRisk(row.risk),
    change_24h: { new: row.came, gone: row.went },
    decided: { accepted: row.accepted, not_affected: row.not_affected },
    coverage: { state: row.coverage, checked: row.checked, packages: row.packages },
    indexed: row.indexed?.toISOString() ?? null,
    last_seen: row.last_seen?.toISOString() ?? null,
    state: row.state,
    error: row.error,
    in_use: row.in_use,
    newest: row.newest,
  };
}
