import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Database } from '../../db/database.ts';
import { noLog } from '../../lib/log.ts';
import { traceHeaders } from '../../lib/work-context.ts';
import { startTracing } from '../traces/start-tracing.ts';
import { measuredDatabase } from './measured-database.ts';
import { measuredTransport, tellDeliveries } from './measured-notifier.ts';
import { createMetrics } from './registry.ts';

describe('measuredDatabase', () => {
  it('counts statements, also those of transactions, under their names and those of Clair', async () => {
    const query = async ({ name }: { name?: string }): Promise<never[]> => {
      if (name === 'delete-old-runs') throw new Error('no');
      return [];
    };
    const session = { query, copyIn: async () => 1 };
    const fake = {
      ...session,
      transaction: (work: (tx: object) => Promise<unknown>) => work({ ...session, copyOut: async () => {} }),
      figures: () => ({
        max: 10,
        total: 3,
        idle: 1,
        waiting: 0,
        acquires: 5,
        acquireSeconds: 2,
        emptyAcquires: 1,
      }),
    } as unknown as Database;
    const metrics = createMetrics();
    const db = measuredDatabase(fake, 'matcher', metrics);
    const before = performance.now();
    await db.query({ name: 'match-all', text: '' });
    await db.transaction((tx) => tx.query({ name: 'match-all', text: '' }));
    await assert.rejects(db.query({ name: 'delete-old-runs', text: '' }));
    assert.ok(before <= db.lastAnswer() && db.lastAnswer() <= performance.now());
    const text = await metrics.text();
    for (const line of [
      'claircore_vulnstore_getvulnerabilities_total{query="match-all"} 2',
      'claircore_vulnstore_getvulnerabilities_duration_seconds_count{query="match-all"} 2',
      'claircore_vulnstore_gc_total{query="updateOps",success="false"} 1',
      'clair_db_statement_errors_total{service="matcher",statement="delete-old-runs"} 1',
      'pgxpool_acquired_conns{application_name="libvuln"} 2',
      'pgxpool_acquire_count{application_name="libvuln"} 5',
    ]) {
      assert.ok(text.includes(line), line);
    }
    assert.ok((await metrics.text()).includes('pgxpool_acquire_count{application_name="libvuln"} 5'));
  });
});

describe('measuredTransport', () => {
  it('makes a trace of each delivery, and tells the receiver', async () => {
    const headers: Record<string, string>[] = [];
    const transport = {
      name: 'webhook',
      direct: false,
      callback: '',
      async deliver() {
        headers.push(traceHeaders());
        if (headers.length > 1) throw new Error('refused');
      },
      [Symbol.asyncDispose]: async () => {},
    } as const;
    const metrics = createMetrics();
    await using tracer = await startTracing({
      config: { name: 'stdout', probability: 1 },
      resource: { service: 's', version: 'v' },
      debug: false,
      log: noLog,
      print() {},
    });
    const measured = measuredTransport(transport, metrics, tracer);
    const delivery = { notificationId: 'n', callback: '' };
    const { signal } = new AbortController();
    await measured.deliver(delivery, signal);
    await assert.rejects(measured.deliver(delivery, signal), /refused/);
    assert.match(headers[0]?.traceparent ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    assert.notEqual(headers[0]?.traceparent, headers[1]?.traceparent);
    const text = await metrics.text();
    for (const outcome of ['ok', 'failed']) {
      const labels = `transport="webhook",outcome="${outcome}"`;
      assert.ok(text.includes(`clair_notifier_delivery_duration_seconds_count{${labels}} 1`), outcome);
    }
  });
});

describe('tellDeliveries', () => {
  it('tells of each transport what waits, and forgets what is gone', async () => {
    const at = new Date(1_700_000_000_000).toISOString();
    const webhook = { transport: 'webhook', waiting: 2, delivered: 7, dead: 1, oldest_waiting_seconds: 90 };
    const stomp = { transport: 'stomp', waiting: 0, delivered: 0, dead: 0, oldest_waiting_seconds: 0 };
    let status = [
      { ...webhook, last_success: at, last_error: 'answered 500' },
      { ...stomp, last_success: null, last_error: null },
    ];
    const metrics = createMetrics();
    tellDeliveries({ status: async () => status }, metrics);
    const told = async (): Promise<string[]> =>
      (await metrics.text()).split('\n').filter((line) => line.startsWith('clair_notifier_'));
    assert.deepEqual((await told()).toSorted(), [
      'clair_notifier_deliveries{transport="stomp",state="dead"} 0',
      'clair_notifier_deliveries{transport="stomp",state="delivered"} 0',
      'clair_notifier_deliveries{transport="stomp",state="waiting"} 0',
      'clair_notifier_deliveries{transport="webhook",state="dead"} 1',
      'clair_notifier_deliveries{transport="webhook",state="delivered"} 7',
      'clair_notifier_deliveries{transport="webhook",state="waiting"} 2',
      'clair_notifier_last_success_timestamp_seconds{transport="webhook"} 1700000000',
      'clair_notifier_oldest_waiting_seconds{transport="stomp"} 0',
      'clair_notifier_oldest_waiting_seconds{transport="webhook"} 90',
    ]);
    status = status.slice(1);
    assert.deepEqual(
      (await told()).filter((line) => line.includes('webhook')),
      [],
    );
  });
});
