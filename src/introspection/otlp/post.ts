/** Hands a document to an OpenTelemetry collector: OTLP over HTTP, as JSON. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Agent, request } from 'undici';
import { AppError } from '../../errors.ts';
import { HTTP1 } from '../../lib/dispatcher.ts';
import { clientTls } from './client-tls.ts';
import { type HttpTarget, type OtlpExporter, revealHeaders, type Signal, TIMEOUT } from './target.ts';

// OTLP: "The default TCP port for OTLP/HTTP is 4318"
const ENDPOINT = 'localhost:4318';

/** Throws `bad-config` for an endpoint that is none, or a client certificate that cannot be read. */
export function createOtlpPost(config: HttpTarget, sends: Signal): OtlpExporter {
  const {
    endpoint = ENDPOINT,
    url_path = `/v1/${sends}`,
    headers,
    insecure,
    compression,
    client_tls,
  } = config;
  const url = urlOf(endpoint, url_path, insecure === true);
  const dispatcher = new Agent({
    ...HTTP1,
    connections: 2,
    connect: { timeout: TIMEOUT, ...(url.protocol === 'https:' && clientTls(client_tls)) },
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
          ...revealHeaders(headers),
          'content-type': 'application/json',
          ...(compression === 'gzip' && { 'content-encoding': 'gzip' }),
        },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(config.timeout || TIMEOUT)]),
      });
      await answer.dump();
      if (statusCode >= 300) throw new Error(`the collector at ${url.origin} returned status ${statusCode}`);
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

function urlOf(endpoint: string, path: string, insecure: boolean): URL {
  const base = /^https?:\/\//.test(endpoint) ? endpoint : `${insecure ? 'http' : 'https'}://${endpoint}`;
  try {
    return new URL(path, base);
  } catch (cause) {
    throw new AppError(
      'bad-config',
      `otlp: ${JSON.stringify(endpoint)} is not a valid endpoint: expected host:port`,
      {
        cause,
      },
    );
  }
}
