/** What the tables of findings show: of the console's API, or of the data in a report file. */
import type { ConsoleFinding, ConsolePackage } from '../../src/model/api/console/types.ts';

export type Finding = Pick<
  ConsoleFinding,
  | 'id'
  | 'aliases'
  | 'severity'
  | 'severity_source'
  | 'cvss'
  | 'epss'
  | 'exploited'
  | 'fixed_in'
  | 'title'
  | 'feed'
  | 'undecided'
  | 'linked'
  | 'risk'
  | 'decision'
> & {
  /** What else enrichers say. */
  readonly notes?: readonly string[];
  readonly package: {
    readonly type: string;
    readonly source: string;
    readonly name: string;
    readonly version: string;
    readonly layer: string | null;
    readonly path: string;
  };
};

/** A source package and what is known of it. */
export type Group = Pick<
  ConsolePackage,
  | 'type'
  | 'source'
  | 'binaries'
  | 'version'
  | 'upgrade'
  | 'counts'
  | 'exploited'
  | 'epss_max'
  | 'risk'
  | 'paths'
> & { readonly origin?: string };

/** The name of a group in an address. */
export function groupKey({ type, source, version }: Pick<Group, 'type' | 'source' | 'version'>): string {
  return `${type}/${source}@${version}`;
}
