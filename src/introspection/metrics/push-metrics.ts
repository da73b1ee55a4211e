/** Metrics that are sent every minute, rather than fetched: loaded only when the configuration asks for it. */
import { messageOf } from '../../errors.ts';
import type { Log } from '../../lib/log.ts';
import { metricsDocument } from '../otlp/metrics.ts';
import { openExporter } from '../otlp/open-exporter.ts';
import type { OtlpConfig } from '../otlp/target.ts';
import type { Resource } from '../otlp/values.ts';
import type { Metrics } from './registry.ts';

export interface PushOptions {
  readonly metrics: Metrics;
  readonly resource: Resource;
  /** Where to; undefined: to stdout. */
  readonly otlp: OtlpConfig | undefined;
  readonly log: Log;
  /** ms */
  readonly interval?: number;
  readonly print?: (text: string) => void;
}

const INTERVAL = 60_000;
/** What is sent last has so long (ms). */
const LAST = 5000;

/** Sends until disposed, and once more then. Throws `bad-config`. */
export async function pushMetrics(options: PushOptions): Promise<AsyncDisposable> {
  const { metrics, resource, otlp, log, interval = INTERVAL, print = toStdout } = options;
  const since = performance.timeOrigin;
  const exporter = otlp === undefined ? undefined : await openExporter(otlp, 'metrics');
  let sending: Promise<void> | undefined;

  async function send(signal: AbortSignal): Promise<void> {
    try {
      const values = await metrics.values();
      const now = performance.timeOrigin + performance.now();
      const document = metricsDocument(values, resource, { since, now });
      if (exporter === undefined) print(`${JSON.stringify(document)}\n`);
      else await exporter.send(document, signal);
    } catch (error) {
      log.warn('metrics could not be sent', { reason: messageOf(error) });
    }
  }

  const timer = setInterval(() => {
    sending ??= send(AbortSignal.timeout(interval)).finally(() => {
      sending = undefined;
    });
  }, interval).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await sending;
      await send(AbortSignal.timeout(LAST));
      await exporter?.[Symbol.asyncDispose]();
    },
  };
}

function toStdout(text: string): void {
  process.stdout.write(text);
}
