/** What the import of an export of updaters needs, and what it gives. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Enricher } from '../../contract/enricher.ts';
import type { Database } from '../../db/database.ts';

/** What became of one operation. */
export interface OperationResult {
  readonly updater: string;
  readonly kind: string;
  /**
   * `unchanged`: what it says is here already; `older`: newer data is here; `unread`: nothing here has a use for it.
   */
  readonly state: 'imported' | 'unchanged' | 'older' | 'unread' | 'failed';
  readonly rows: number;
  readonly added: number;
  readonly removed: number;
  /** Records that could not be read. */
  readonly problems: number;
  /** The first of them. */
  readonly firstProblem?: string;
  readonly error?: string;
}

/** What an import works with. */
export interface ImportParts {
  readonly db: Database;
  readonly ecosystems: readonly Ecosystem[];
  readonly enrichers: readonly Enricher[];
  readonly now: () => Date;
}

/** How it is done. */
export interface ImportFileOptions {
  /** What messages call the file. */
  readonly name: string;
  /** All or nothing, and a record that cannot be read is an end. */
  readonly strict: boolean;
  /** Also over newer data, and where the fingerprint says that it is here. */
  readonly force: boolean;
  readonly signal: AbortSignal;
  readonly onResult?: (result: OperationResult) => void;
}
