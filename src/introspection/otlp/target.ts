/** Where a collector of OpenTelemetry is, and what speaks to it. */

import type { Secret } from '../../lib/secret.ts';

/** Headers by name; the values may be tokens. */
export type SecretHeaders = Readonly<Record<string, Secret>>;

/** What `otlp.http` and `otlp.grpc` of the configuration have in common. */
export interface OtlpTarget {
  readonly endpoint?: string | undefined;
  readonly headers?: SecretHeaders | null | undefined;
  readonly insecure?: boolean | undefined;
  /** ms */
  readonly timeout?: number | null | undefined;
  readonly compression?: 'gzip' | 'none' | undefined;
  readonly client_tls?:
    | { readonly cert?: string | undefined; readonly key?: string | undefined }
    | null
    | undefined;
}

export interface HttpTarget extends OtlpTarget {
  readonly url_path?: string | undefined;
}

export interface GrpcTarget extends OtlpTarget {
  /** ms between two attempts to connect. */
  readonly reconnect?: number | null | undefined;
}

/** `trace.otlp` and `metrics.otlp` of the configuration. */
export interface OtlpConfig {
  readonly http?: HttpTarget | null | undefined;
  readonly grpc?: GrpcTarget | null | undefined;
}

/** What is sent. */
export type Signal = 'traces' | 'metrics';

export interface OtlpExporter extends AsyncDisposable {
  /** Sends a document of OTLP, as in JSON. Throws if the collector did not take it. */
  send(document: object, signal: AbortSignal): Promise<void>;
}

// OTLP: an exporter gives up after 10 s
export const TIMEOUT = 10_000;

/** Returns the headers of one request, by lower-case name: to be dropped when it is sent. */
export function revealHeaders(headers: OtlpTarget['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value.reveal()]),
  );
}
