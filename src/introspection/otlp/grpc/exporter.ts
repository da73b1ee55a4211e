/** Hands documents to an OpenTelemetry collector: OTLP over gRPC. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { AppError, messageOf } from '../../../errors.ts';
import { type Clock, systemClock } from '../../../lib/clock.ts';
import { clientTls } from '../client-tls.ts';
import { type GrpcTarget, type OtlpExporter, revealHeaders, type Signal, TIMEOUT } from '../target.ts';
import { callUnary, framed } from './call.ts';
import { createConnection } from './connection.ts';
import { METHODS, REQUESTS } from './messages.ts';
import { encodeMessage } from './protobuf.ts';
import { isPassing } from './status.ts';

// OTLP: "The default TCP port for OTLP/gRPC is 4317"
const ENDPOINT = 'localhost:4317';
const PORT = '4317';
const TRIES = 5;
/** ms before the second try; it doubles. */
const BACKOFF = 250;

/** Throws `bad-config` for an endpoint that is none, or a client certificate that cannot be read. */
export function createGrpcExporter(
  config: GrpcTarget,
  sends: Signal,
  clock: Clock = systemClock,
): OtlpExporter {
  const origin = originOf(config.endpoint || ENDPOINT, config.insecure === true);
  const tls = origin.startsWith('https:') ? clientTls(config.client_tls) : {};
  const connection = createConnection(origin, tls, config.reconnect ?? 0, clock);
  const timeout = config.timeout || TIMEOUT;
  const isGzip = config.compression === 'gzip';

  async function once(body: Buffer, left: number, signal: AbortSignal): Promise<void> {
    const session = await connection.session(signal);
    const headers = revealHeaders(config.headers);
    await callUnary(session, { path: METHODS[sends], headers, body, gzip: isGzip, timeout: left, signal });
  }

  return {
    async send(document, stop) {
      const deadline = clock.now() + timeout;
      const signal = AbortSignal.any([stop, AbortSignal.timeout(timeout)]);
      const message = encodeMessage(REQUESTS[sends], document);
      const body = framed(isGzip ? await promisify(gzip)(message) : message, isGzip);
      for (let tries = 1; ; tries++) {
        try {
          return await once(body, deadline - clock.now(), signal);
        } catch (error) {
          // an answer that does not come may be one of a connection that is lost without a word
          if (signal.aborted) connection.drop();
          const wait = BACKOFF * 2 ** (tries - 1) * (0.5 + Math.random());
          const late = signal.aborted || clock.now() + wait > deadline;
          if (late || tries === TRIES || !isPassing(error)) {
            throw new Error(`the collector at ${origin}: ${messageOf(error)}`, { cause: error });
          }
          await clock.sleep(wait, signal);
        }
      }
    },
    async [Symbol.asyncDispose]() {
      connection[Symbol.dispose]();
    },
  };
}

function originOf(endpoint: string, insecure: boolean): string {
  const [, scheme = insecure ? 'http' : 'https', host, port = PORT] =
    /^(?:(https?):\/\/)?(\[[\da-f:.]+\]|[^/:@?#\s[\]]+)(?::(\d{1,5}))?\/?$/i.exec(endpoint) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new AppError(
      'bad-config',
      `otlp: ${JSON.stringify(endpoint)} is not a valid endpoint: expected host:port`,
    );
  }
  return `${scheme.toLowerCase()}://${host}:${port}`;
}
