/** Imports one operation: the same way as a feed that was fetched, from a file. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { VersionScheme } from '../../contract/version-scheme.ts';
import type { Database } from '../../db/database.ts';
import type { Advisory, Scope } from '../../model/advisory.ts';
import { ROW_REVISION } from '../importing/advisory-row.ts';
import { importEnrichment } from '../importing/import-enrichment.ts';
import { type ImportOptions, importFeed } from '../importing/import-feed.ts';
import { ensureFeed, type FeedKind, type FeedNames, saveAttempt } from '../store/feeds.ts';
import type { Imported } from '../store/replace-advisories.ts';
import { feedSetOf } from './feed-set.ts';
import type { ImportFileOptions, ImportParts, OperationResult } from './import-options.ts';
import { findKnown } from './known-feed.ts';
import type { ProblemList } from './problem-list.ts';
import type { ExportedOperation } from './read-operations.ts';
import { type KnownAdvisory, readAdvisories, readEnrichments } from './read-records.ts';

/**
 * What made the rows of an import. It is nothing that fetches: the next online update loads the feed anew, whatever its
 * fingerprint, because Clair's format tells less than the feeds do.
 */
export const OFFLINE_READER = `offline ${ROW_REVISION}`;

export type Done = Pick<OperationResult, 'state' | 'rows' | 'added' | 'removed'>;

const NOTHING = { rows: 0, added: 0, removed: 0 };

/** Under the feed's lock. */
export async function importOperation(
  parts: ImportParts,
  operation: ExportedOperation & { readonly kind: FeedKind },
  options: Pick<ImportFileOptions, 'force' | 'signal'> & { readonly problems: ProblemList },
): Promise<Done> {
  const { updater, kind, fingerprint, date } = operation;
  const { db, enrichers, now } = parts;
  const known = await findKnown(db, kind, updater);
  if (known !== undefined && !options.force) {
    // differs: compared with the feed's current state only, not with any that was ever kept (clair-matching.md#offline-files)
    if (fingerprint !== '' && known.fingerprint === fingerprint) return { state: 'unchanged', ...NOTHING };
    if (date !== undefined && known.lastSuccess !== null && date < known.lastSuccess)
      return { state: 'older', ...NOTHING };
  }
  const enricher = kind === 'enrichment' ? enrichers.find(({ name }) => name === updater) : undefined;
  if (kind === 'enrichment' && enricher === undefined) return { state: 'unread', ...NOTHING };

  const names: FeedNames = {
    name: updater,
    kind,
    set: known?.set ?? feedSetOf(updater, parts),
    reader: OFFLINE_READER,
    scopes: [],
  };
  // As old as the data are; a clock that goes wrong must not make them new for ever.
  const at = date === undefined || date > now() ? now() : date;
  const { problems, signal } = options;
  const importOptions = (id: number): ImportOptions => ({
    id,
    signal,
    problem: ({ where, reason }) => problems.add(where, reason),
    finish: (tx, { rows }) =>
      saveAttempt(tx, id, {
        at,
        loaded: {
          fingerprint,
          reader: OFFLINE_READER,
          rows,
          problems: problems.kept,
          problemCount: problems.count,
        },
      }),
  });
  const tell = (where: string, reason: string): void => problems.add(where, reason);
  if (enricher !== undefined) {
    const first = await begin(readEnrichments(operation.records, tell));
    if (first === undefined) return { state: 'unread', ...NOTHING };
    const { id } = await ensureFeed(db, names);
    return imported(
      await importEnrichment(db, enricher, { fingerprint, records: first.all }, importOptions(id)),
    );
  }
  const first = await begin(readAdvisories(operation.records, parts.ecosystems, tell));
  if (first === undefined) return { state: 'unread', ...NOTHING };
  const { id } = await ensureFeed(db, names);
  return imported(await importAdvisories(db, operation, first, known?.scopes ?? [], importOptions(id)));
}

function imported(result: Imported): Done {
  return { state: 'imported', ...result };
}

interface Begun<T> {
  readonly first: T;
  readonly all: AsyncGenerator<T>;
}

/** undefined: nothing at all. An operation without anything to keep must not empty a feed. */
async function begin<T>(records: AsyncGenerator<T>): Promise<Begun<T> | undefined> {
  const { value: first, done } = await records.next();
  if (done) return undefined;
  const all = async function* (): AsyncGenerator<T> {
    yield first;
    yield* records;
  };
  return { first, all: all() };
}

async function importAdvisories(
  db: Database,
  { updater, fingerprint }: ExportedOperation,
  { first, all }: Begun<KnownAdvisory>,
  announced: readonly string[],
  options: ImportOptions,
): Promise<Imported> {
  // What the feed is known to cover stays so, though a file says nothing of scopes without advisories.
  const scopes = new Map<string, Scope>(announced.map((key) => [key, { key }]));
  const { versions }: Ecosystem = first.ecosystem;
  const schemes = new Map<string, VersionScheme>();
  const feed = {
    name: updater,
    versions,
    // One feed of Red Hat's is about rpms and containers.
    versionsOf: ({ scope }: Advisory) => schemes.get(scope) ?? versions,
    get scopes() {
      return [...scopes.values()];
    },
    fetch: async () => 'unchanged' as const,
  };
  const records = async function* (): AsyncGenerator<Advisory> {
    for await (const { advisory, scope, ecosystem } of all) {
      scopes.set(scope.key, scope);
      schemes.set(scope.key, ecosystem.versions);
      yield advisory;
    }
  };
  return await importFeed(db, feed, { fingerprint, records: records() }, options);
}
