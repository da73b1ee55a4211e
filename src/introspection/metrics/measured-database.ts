/** A database that tells how long its statements take, and whether it answers. */
import type { Database, Session, Transaction } from '../../db/database.ts';
import { traced } from '../../lib/work-context.ts';
import { CLAIR_APPLICATIONS, CLAIR_QUERIES, FINE_BUCKETS } from './clair-names.ts';
import type { Metrics } from './registry.ts';

export interface MeasuredDatabase extends Database {
  /** `performance.now()` of its last answer. */
  readonly lastAnswer: () => number;
}

/** The database of `service`: `indexer`, `matcher` or `notifier`. */
export function measuredDatabase(db: Database, service: string, metrics: Metrics): MeasuredDatabase {
  let lastAnswer = Number.NEGATIVE_INFINITY;
  metrics.onScrape(() => tellPool(db, service, metrics));

  async function measured<T>(statement: string, task: () => Promise<T>): Promise<T> {
    const start = performance.now();
    let failed = false;
    try {
      const attributes = { 'db.system.name': 'postgresql', 'db.query.summary': statement };
      const result = await traced(`${service} ${statement}`, attributes, task, 'client');
      lastAnswer = performance.now();
      return result;
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      tellStatement(metrics, service, statement, (performance.now() - start) / 1000, failed);
    }
  }

  const session = (inner: Session): Session => ({
    query: (statement) => measured(statement.name ?? 'unnamed', () => inner.query(statement)),
    copyIn: (text, rows) => measured('copy', () => inner.copyIn(text, rows)),
  });
  const transaction = (tx: Transaction): Transaction => ({
    ...session(tx),
    copyOut: (text, read) => measured('copy', () => tx.copyOut(text, read)),
  });

  return {
    ...db,
    ...session(db),
    transaction: (work) => db.transaction((tx) => work(transaction(tx))),
    snapshot: (work) => db.snapshot((tx) => work(transaction(tx))),
    lastAnswer: () => lastAnswer,
  };
}

function tellStatement(
  metrics: Metrics,
  service: string,
  statement: string,
  seconds: number,
  failed: boolean,
): void {
  const labels = { service, statement };
  const help = 'Duration of statements, including the wait for a connection';
  metrics.observe('clair_db_statement_duration_seconds', help, FINE_BUCKETS, seconds, labels);
  if (failed) metrics.count('clair_db_statement_errors_total', 'Statements that failed', labels);
  const query = CLAIR_QUERIES[service]?.[statement];
  if (query === undefined) return;
  const { counter, histogram, label } = query;
  const success = String(!failed);
  const named =
    label === 'deletion'
      ? { action: statement, success }
      : {
          query: query.query ?? statement,
          ...(label === 'success' && { success }),
          ...(label === 'error' && { error: String(failed) }),
        };
  metrics.count(counter, 'Queries of this kind', named);
  metrics.observe(histogram, 'Duration of queries of this kind', FINE_BUCKETS, seconds, named);
}

function tellPool(db: Database, service: string, metrics: Metrics): void {
  const labels = { application_name: CLAIR_APPLICATIONS[service] ?? service };
  const { max, total, idle, waiting, acquires, acquireSeconds, emptyAcquires } = db.figures();
  metrics.gauge('pgxpool_max_conns', 'Connections at most', max, labels);
  metrics.gauge('pgxpool_total_conns', 'Connections', total, labels);
  metrics.gauge('pgxpool_idle_conns', 'Idle connections', idle, labels);
  metrics.gauge('pgxpool_acquired_conns', 'Connections in use', total - idle, labels);
  metrics.gauge('clair_db_pool_waiting', 'Statements that wait for a connection', waiting, labels);
  metrics.countTo('pgxpool_acquire_count', 'Connections that were taken', acquires, labels);
  const wait = 'Time spent waiting for connections';
  metrics.countTo('pgxpool_acquire_duration_seconds_total', wait, acquireSeconds, labels);
  metrics.countTo('pgxpool_empty_acquire', 'Connections that had to be waited for', emptyAcquires, labels);
}
