/** Metrics as an OTLP document: `ExportMetricsServiceRequest` in JSON. */
import type { Labels, MetricValues } from '../metrics/registry.ts';
import { keyValues, nanoseconds, type Resource, resourceOf } from './values.ts';

/** Times in ms since the epoch. */
export interface MetricPeriod {
  /** Since when is counted. */
  readonly since: number;
  readonly now: number;
}

// opentelemetry-proto: AggregationTemporality
const CUMULATIVE = 2;

export function metricsDocument(
  metrics: readonly MetricValues[],
  resource: Resource,
  span: MetricPeriod,
): object {
  const scope = { name: 'clair', version: resource.version };
  return {
    resourceMetrics: [
      {
        resource: resourceOf(resource),
        scopeMetrics: [{ scope, metrics: metrics.flatMap((metric) => metricOf(metric, span)) }],
      },
    ],
  };
}

function metricOf(
  { name, help: description, type, values }: MetricValues,
  { since, now }: MetricPeriod,
): object[] {
  const times = { startTimeUnixNano: nanoseconds(since), timeUnixNano: nanoseconds(now) };
  const points = (): object[] =>
    values.map(({ labels, value }) => ({ attributes: keyValues(labels), asDouble: value, ...times }));
  if (values.length === 0) return [];
  switch (type) {
    case 'counter':
      return [
        {
          name,
          description,
          sum: { dataPoints: points(), isMonotonic: true, aggregationTemporality: CUMULATIVE },
        },
      ];
    case 'gauge':
      return [{ name, description, gauge: { dataPoints: points() } }];
    case 'histogram': {
      const dataPoints = histograms(name, values).map((point) => ({ ...point, ...times }));
      return [{ name, description, histogram: { dataPoints, aggregationTemporality: CUMULATIVE } }];
    }
    default:
      return []; // there are none of ours
  }
}

/** Prometheus has a value for each bucket, counted from the smallest on; OTLP a list of counts for each set of labels. */
function histograms(name: string, values: MetricValues['values']): object[] {
  const groups = Map.groupBy(values, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels));
  return [...groups.values()].map((group) => {
    const { le: _, ...labels }: Labels = group[0]!.labels;
    const of = (suffix: string) =>
      group.find(({ metricName }) => metricName === `${name}_${suffix}`)?.value ?? 0;
    const buckets = group
      .filter(({ metricName }) => metricName === `${name}_bucket`)
      .map(({ labels: { le }, value }) => ({ bound: le === '+Inf' ? Infinity : Number(le), value }))
      .sort((a, b) => a.bound - b.bound);
    return {
      attributes: keyValues(labels),
      count: String(of('count')),
      sum: of('sum'),
      explicitBounds: buckets.map(({ bound }) => bound).filter(Number.isFinite),
      bucketCounts: buckets.map(({ value }, at) => String(value - (buckets[at - 1]?.value ?? 0))),
    };
  });
}
