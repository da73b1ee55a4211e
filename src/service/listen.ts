/** Where the service listens, and how it stops. */
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { Server as TlsServer } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { AppError, messageOf } from '../errors.ts';
import { closeAllConnections } from '../http/http2.ts';

/** ms between two looks for connections whose last request has ended. */
const SWEEP = 100;

/** Throws `bad-config` for an address that cannot be had. */
export async function listen(server: Server, address: string): Promise<void> {
  const { host, port } = hostAndPort(address);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(address, error)));
    server.listen({ host, port }, resolve);
  });
}

/** The same for the API. */
export async function listenApp(app: FastifyInstance, address: string): Promise<void> {
  await app.listen(hostAndPort(address)).catch((error: unknown) => {
    throw listenError(address, error);
  });
}

/** Lets running requests end within `patience` ms; then cuts them off and closes every connection. */
export async function drain(app: FastifyInstance, cutOff: AbortController, patience: number): Promise<void> {
  const timer = setTimeout(() => {
    cutOff.abort(new AppError('not-ready', 'the service is stopping: submit again'));
    closeAllConnections(app);
  }, patience);
  // A connection whose last request was just answered would be kept for the next one.
  const closeIdle = (): void => app.server.closeIdleConnections();
  closeIdle();
  const sweep = setInterval(closeIdle, SWEEP);
  await app.close();
  clearInterval(sweep);
  clearTimeout(timer);
}

/** Closes a server whose clients need no answer. */
export async function closeNow(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

export interface KeyPair {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: 'TLSv1.2';
}

/** Reads certificate and key; undefined if none is named. Throws `bad-config`. */
export function readCertificate({ cert, key }: KeyPair): Certificate | undefined {
  if (cert === undefined || key === undefined) return undefined;
  try {
    return { cert: readFileSync(cert), key: readFileSync(key), minVersion: 'TLSv1.2' };
  } catch (cause) {
    throw new AppError('bad-config', `tls: the certificate cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** New connections get the new certificate; those that are open stay. */
export function renewCertificate(app: FastifyInstance, certificate: Certificate): void {
  const server: unknown = app.server;
  if (server instanceof TlsServer) server.setSecureContext(certificate);
}

function hostAndPort(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = Number(address.slice(colon + 1));
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new AppError(
      'bad-config',
      `cannot listen on ${JSON.stringify(address)}: the port must be a number`,
    );
  }
  return { host: host || '::', port };
}

function listenError(address: string, cause: unknown): AppError {
  return new AppError('bad-config', `cannot listen on ${address}: ${messageOf(cause)}`, { cause });
}
