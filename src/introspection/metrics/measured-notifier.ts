/** Deliveries, telling how they go: each is a trace of its own, which the receiver is told of. */
import { messageOf } from '../../errors.ts';
import { randomId } from '../../lib/trace-context.ts';
import { type Work, within } from '../../lib/work-context.ts';
import type { Notifier } from '../../notifier/notifier.ts';
import type { Transport } from '../../transports/contract.ts';
import type { Tracer } from '../traces/tracer.ts';
import { lately } from './lately.ts';
import type { Metrics } from './registry.ts';

/** Seconds, of what another service answers. */
const BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** `deliver` with its time. */
export function measuredTransport(
  transport: Transport,
  metrics: Metrics,
  tracer: Tracer | undefined,
): Transport {
  const { name } = transport;
  return {
    ...transport,
    async deliver(delivery, signal) {
      const begun = tracer?.begin(`deliver ${name}`, undefined, { 'clair.transport': name });
      const work: Work = { requestId: begun?.trace.traceId ?? randomId(8), ...begun };
      const start = performance.now();
      let failure: string | undefined;
      try {
        await within(work, () => transport.deliver(delivery, signal));
      } catch (error) {
        failure = messageOf(error);
        throw error;
      } finally {
        begun?.span?.end(failure);
        const labels = { transport: name, outcome: failure === undefined ? 'ok' : 'failed' };
        const seconds = (performance.now() - start) / 1000;
        const help = 'Duration of attempts to deliver a notification';
        metrics.observe('clair_notifier_delivery_duration_seconds', help, BUCKETS, seconds, labels);
      }
    },
  };
}

const LAST_SUCCESS = 'clair_notifier_last_success_timestamp_seconds';
const GAUGES = ['clair_notifier_deliveries', 'clair_notifier_oldest_waiting_seconds', LAST_SUCCESS];

/** How many notifications wait for each target, how long they do, and when one arrived. */
export function tellDeliveries(notifier: Pick<Notifier, 'status'>, metrics: Metrics): void {
  const status = lately<Awaited<ReturnType<Notifier['status']>>>(() => notifier.status(), []);
  metrics.onScrape(async () => {
    const known = await status();
    for (const name of GAUGES) metrics.clear(name);
    for (const { transport, waiting, delivered, dead, oldest_waiting_seconds: oldest, ...rest } of known) {
      for (const [state, count] of Object.entries({ waiting, delivered, dead })) {
        const help = 'Notifications of a target, by state';
        metrics.gauge('clair_notifier_deliveries', help, count, { transport, state });
      }
      const help = 'Since the notification that has waited longest was made';
      metrics.gauge('clair_notifier_oldest_waiting_seconds', help, oldest, { transport });
      if (rest.last_success !== null) {
        const last = Date.parse(rest.last_success) / 1000;
        metrics.gauge(LAST_SUCCESS, 'Last delivery that arrived', last, { transport });
      }
    }
  });
}
