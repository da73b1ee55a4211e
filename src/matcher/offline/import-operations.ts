/** Imports an export of updaters: each operation becomes the current state of its feed. */
import type { Database, Transaction } from '../../db/database.ts';
import { AppError, messageOf } from '../../errors.ts';
import type { FeedKind } from '../store/feeds.ts';
import { importOperation } from './import-operation.ts';
import type { ImportFileOptions, ImportParts, OperationResult } from './import-options.ts';
import { type ProblemList, problemList } from './problem-list.ts';
import { type ExportedOperation, readOperations } from './read-operations.ts';

/**
 * Imports what is read from `chunks` (unpacked), each operation in a transaction of its own, or with `strict` all in one.
 * An operation that fails does not stop the others. Throws `feed` if the file is broken: what came before stays, the
 * operation that it broke in has not happened.
 */
export async function importOperations(
  parts: ImportParts,
  chunks: AsyncIterable<Uint8Array>,
  options: ImportFileOptions,
): Promise<OperationResult[]> {
  if (!options.strict) return await importAll(parts, chunks, options);
  return await parts.db.transaction(
    async (tx) => await importAll({ ...parts, db: within(parts.db, tx) }, chunks, options),
  );
}

async function importAll(
  parts: ImportParts,
  chunks: AsyncIterable<Uint8Array>,
  options: ImportFileOptions,
): Promise<OperationResult[]> {
  const { name, strict, signal, onResult } = options;
  const results: OperationResult[] = [];
  let problems: ProblemList | undefined;
  // Released together: with `strict` a feed is ours until the one transaction has ended.
  await using locks = new AsyncDisposableStack();
  const operations = readOperations(chunks, name, (line, reason) => {
    if (strict) throw new AppError('feed', `${name}: line ${line}: ${reason}`);
    problems?.add(`line ${line}`, reason);
  });
  for await (const operation of operations) {
    signal.throwIfAborted();
    problems = problemList(operation.updater);
    const result = await importOne(parts, operation, { ...options, problems, locks });
    const first = problems.kept[0];
    const told = { ...result, ...(first && { firstProblem: `${first.where}: ${first.reason}` }) };
    if (strict && (told.state === 'failed' || problems.count > 0)) {
      throw new AppError('feed', `${name}: ${told.updater}: ${told.error ?? told.firstProblem}`);
    }
    onResult?.(told);
    results.push(told);
  }
  return results;
}

async function importOne(
  parts: ImportParts,
  operation: ExportedOperation,
  options: ImportFileOptions & { problems: ProblemList; locks: AsyncDisposableStack },
): Promise<OperationResult> {
  const { updater, kind } = operation;
  const { problems, signal, strict, locks } = options;
  const nothing = { updater, kind, rows: 0, added: 0, removed: 0 };
  try {
    if (kind !== 'vulnerability' && kind !== 'enrichment')
      return { ...nothing, state: 'unread', problems: 0 };
    const lock = await parts.db.lock(`feed:${kind}:${updater}`, { signal });
    const release = strict ? locks.use(lock) : lock;
    try {
      const both = AbortSignal.any([signal, lock.signal]);
      const done = await importOperation(parts, operation as ExportedOperation & { kind: FeedKind }, {
        ...options,
        signal: both,
      });
      return { ...nothing, ...done, problems: problems.count };
    } finally {
      if (!strict) await release[Symbol.asyncDispose]();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (strict) throw error;
    return { ...nothing, state: 'failed', problems: problems.count, error: messageOf(error) };
  }
}

/** The database as what runs in the one transaction `tx` sees it. */
function within(db: Database, tx: Transaction): Database {
  return {
    ...db,
    query: tx.query,
    copyIn: tx.copyIn,
    async transaction(work) {
      const result = await work(tx);
      await tx.query({ text: 'drop table if exists staged, held' }); // they would go at the end of the transaction only
      return result;
    },
  };
}
