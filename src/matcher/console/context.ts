/** What the views of the console are made from. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Database } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';
import type { Matcher } from '../matcher.ts';
import type { CallerOf } from './access.ts';

export interface ConsoleContext {
  readonly db: Database;
  readonly matcher: Pick<Matcher, 'feedStatus' | 'knownSets' | 'explainImage'>;
  readonly ecosystems: readonly Ecosystem[];
  readonly now: () => Date;
  readonly callerOf: CallerOf;
  /** Sets that are loaded; undefined: all. */
  readonly sets: readonly string[] | undefined;
  /** What only a process that updates feeds can do. */
  readonly operator: ConsoleOperator | undefined;
  /** A report as a file. Throws `bad-request` for an unknown format; undefined: the image is not indexed. */
  readonly exportReport: (digest: Digest, format: string) => Promise<ReportFile | undefined>;
  /** Whether decisions change the reports of Clair's API. */
  readonly triage: 'show' | 'apply';
}

export interface ReportFile {
  readonly body: string | Buffer;
  readonly type: string;
  readonly extension: string;
}

/** The part of a notifier that operators see. */
export interface Deliveries {
  deliveries(filter: {
    readonly state: 'waiting' | 'delivered' | 'dead' | undefined;
    readonly target: string | undefined;
    readonly next: string | undefined;
    readonly size: number;
  }): Promise<readonly { readonly id: string }[]>;
  status(): Promise<readonly object[]>;
  /** false: there is none, or it waits already. */
  redeliver(id: string): Promise<boolean>;
}

export interface ConsoleOperator {
  isUpdating(): boolean;
  /** Throws `bad-request` for what is unknown or disabled. */
  update(only: FeedChoice | undefined): Promise<void>;
  /** undefined: there is no notifier in this process, and none is configured. */
  readonly notifier?: () => Deliveries | undefined;
}

/** Sets and feeds to update. */
export interface FeedChoice {
  readonly sets?: string[] | undefined;
  readonly feeds?: string[] | undefined;
}

const DAY = 24 * 3600_000;

export function dayAgo(now: Date): Date {
  return new Date(now.getTime() - DAY);
}
