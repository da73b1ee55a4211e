/** The metrics of one process: made when they are first used, read by name. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Labels = Readonly<Record<string, string | number>>;

/** What others need to count something. */
export interface Metrics {
  count(name: string, help: string, labels?: Labels, by?: number): void;
  /** The same for what others count: `total` so far. */
  countTo(name: string, help: string, total: number, labels?: Labels): void;
  /** `buckets` hold for the first use of the name. */
  observe(name: string, help: string, buckets: readonly number[], value: number, labels?: Labels): void;
  gauge(name: string, help: string, value: number, labels?: Labels): void;
  /** Asked before every scrape; what it throws is no matter: it says nothing then. */
  onScrape(collect: () => Promise<void> | void): void;
  /** Forgets the values of a gauge: of what is not there any more. */
  clear(name: string): void;
  /** All metrics as Prometheus reads them. */
  text(): Promise<string>;
  readonly contentType: string;
  /** All metrics as values. */
  values(): Promise<MetricValues[]>;
}

export interface MetricValues {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly values: readonly {
    readonly value: number;
    readonly labels: Labels;
    readonly metricName?: string;
  }[];
}

/** With those of the process: memory, processor, files, event loop. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const collectors: (() => Promise<void> | void)[] = [];
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  const registers = [registry];

  const collect = async (): Promise<void> => {
    await Promise.allSettled(collectors.map(async (ask) => await ask()));
  };

  const told = new Map<string, number>();

  function count(name: string, help: string, labels: Labels = {}, by = 1): void {
    let metric = counters.get(name);
    if (metric === undefined) {
      metric = new Counter({ name, help, labelNames: Object.keys(labels), registers });
      counters.set(name, metric);
    }
    metric.inc(labels, by);
  }

  return {
    count,
    countTo(name, help, total, labels = {}) {
      const key = `${name} ${JSON.stringify(labels)}`;
      count(name, help, labels, Math.max(0, total - (told.get(key) ?? 0)));
      told.set(key, total);
    },
    observe(name, help, buckets, value, labels = {}) {
      let metric = histograms.get(name);
      if (metric === undefined) {
        const labelNames = Object.keys(labels);
        metric = new Histogram({ name, help, buckets: [...buckets], labelNames, registers });
        histograms.set(name, metric);
      }
      metric.observe(labels, value);
    },
    gauge(name, help, value, labels = {}) {
      let metric = gauges.get(name);
      if (metric === undefined) {
        metric = new Gauge({ name, help, labelNames: Object.keys(labels), registers });
        gauges.set(name, metric);
      }
      metric.set(labels, value);
    },
    onScrape: (ask) => void collectors.push(ask),
    clear: (name) => gauges.get(name)?.reset(),
    async text() {
      await collect();
      return await registry.metrics();
    },
    contentType: registry.contentType,
    async values() {
      await collect();
      return (await registry.getMetricsAsJSON()) as unknown as MetricValues[];
    },
  };
}
