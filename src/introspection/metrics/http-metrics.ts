/** Counts requests to the API: under Clair's names by handler, and under those of OpenTelemetry by route. */
import { BYTE_BUCKETS, clairHandler, FINE_BUCKETS, HTTP_BUCKETS, httpGroup } from './clair-names.ts';
import type { Metrics } from './registry.ts';

/** A request that was answered, or given up. */
export interface Handled {
  /** The pattern of its path; '' if there is no such route. */
  readonly route: string;
  readonly method: string;
  /** 499 if the client went away. */
  readonly status: number;
  readonly seconds: number;
  readonly received: number;
  readonly written: number;
}

export interface HttpMetrics {
  /** Gives what to call when it has ended. */
  begin(route: string): (handled: Handled) => void;
}

export function createHttpMetrics(metrics: Metrics): HttpMetrics {
  const inFlight = new Map<string, number>();

  function move(route: string, by: number): void {
    const group = httpGroup(route);
    if (group === undefined) return;
    const handler = clairHandler(route);
    const count = (inFlight.get(handler) ?? 0) + by;
    inFlight.set(handler, count);
    metrics.gauge(`clair_http_${group}_in_flight_requests`, 'Gauge of requests in flight', count, {
      handler,
    });
  }

  function clair(group: string, { route, method, status, seconds, received, written }: Handled): void {
    const labels = { code: status, handler: clairHandler(route), method: method.toLowerCase() };
    const name = (what: string): string => `clair_http_${group}_${what}`;
    metrics.count(name('request_total'), 'A total count of http requests for the given path', labels);
    const times = 'Distribution of request durations for the given path';
    metrics.observe(name('request_duration_seconds'), times, HTTP_BUCKETS, seconds, labels);
    const requests = 'Distribution of request sizes for the given path';
    metrics.observe(name('request_size_bytes'), requests, BYTE_BUCKETS, received, labels);
    const responses = 'Distribution of response sizes for the given path';
    metrics.observe(name('response_size_bytes'), responses, BYTE_BUCKETS, written, labels);
    if (status === 429) {
      const limited = { endpoint: route, method: labels.method };
      metrics.count('clair_http_concurrencylimited_total', 'Requests that were told to come later', limited);
    }
  }

  return {
    begin(route) {
      move(route, 1);
      return (handled) => {
        move(route, -1);
        const group = httpGroup(route);
        if (group !== undefined) clair(group, handled);
        const labels = {
          http_request_method: handled.method,
          http_response_status_code: handled.status,
          http_route: route,
        };
        const { seconds, received, written } = handled;
        const times = 'Duration of HTTP server requests';
        metrics.observe('http_server_request_duration_seconds', times, FINE_BUCKETS, seconds, labels);
        const requests = 'Size of HTTP server request bodies';
        metrics.observe('http_server_request_body_size_bytes', requests, BYTE_BUCKETS, received, labels);
        const responses = 'Size of HTTP server response bodies';
        metrics.observe('http_server_response_body_size_bytes', responses, BYTE_BUCKETS, written, labels);
      };
    },
  };
}
