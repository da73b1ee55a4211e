/** Hands a document to an OpenTelemetry collector: OTLP over HTTP, as JSON. */
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Agent, request } from 'undici';
import { AppError, messageOf } from '../../errors.ts';

/** `trace.otlp.http` and `metrics.otlp.http` of the configuration. */
export interface OtlpConfig {
  readonly endpoint?: string | undefined;
  readonly url_path?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | null | undefined;
  readonly insecure?: boolean | undefined;
  /** ms */
  readonly timeout?: number | null | undefined;
  readonly compression?: 'gzip' | 'none' | undefined;
  readonly client_tls?:
    | { readonly cert?: string | undefined; readonly key?: string | undefined }
    | null
    | undefined;
}

export interface OtlpPost extends AsyncDisposable {
  /** Throws if the collector did not take it. */
  send(document: object, signal: AbortSignal): Promise<void>;
}

// OTLP: "The default TCP port for OTLP/HTTP is 4318", and an exporter gives up after 10 s
const ENDPOINT = 'localhost:4318';
const TIMEOUT = 10_000;

/** Throws `bad-config` if the client certificate cannot be read. */
export function createOtlpPost(config: OtlpConfig, defaultPath: string): OtlpPost {
  const { endpoint = ENDPOINT, url_path = defaultPath, headers, insecure, compression, client_tls } = config;
  const url = urlOf(endpoint, url_path, insecure === true);
  const dispatcher = new Agent({
    connections: 2,
    connect: { timeout: TIMEOUT, ...certificateOf(client_tls) },
  });
  return {
    async send(document, signal) {
      const json = Buffer.from(JSON.stringify(document));
      const body = compression === 'gzip' ? await promisify(gzip)(json) : json;
      const { statusCode, body: answer } = await request(url, {
        dispatcher,
        method: 'POST',
        headers: {
          'user-agent': 'clair',
          ...headers,
          'content-type': 'application/json',
          ...(compression === 'gzip' && { 'content-encoding': 'gzip' }),
        },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(config.timeout || TIMEOUT)]),
      });
      await answer.dump();
      if (statusCode >= 300) throw new Error(`the collector at ${url.origin} answered ${statusCode}`);
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

function urlOf(endpoint: string, path: string, insecure: boolean): URL {
  const base = /^https?:\/\//.test(endpoint) ? endpoint : `${insecure ? 'http' : 'https'}://${endpoint}`;
  try {
    return new URL(path, base);
  } catch (cause) {
    throw new AppError('bad-config', `otlp: ${JSON.stringify(endpoint)} is no endpoint: want host:port`, {
      cause,
    });
  }
}

function certificateOf(files: OtlpConfig['client_tls']): { cert?: Buffer; key?: Buffer } {
  if (!files?.cert || !files.key) return {};
  try {
    return { cert: readFileSync(files.cert), key: readFileSync(files.key) };
  } catch (cause) {
    throw new AppError('bad-config', `otlp: the client certificate cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
}
