/** A store of objects behind the API of S3: that of AWS, or one of the many that speak it. */
import { addAbortSignal, type Readable } from 'node:stream';
import { AppError, messageOf } from '../../errors.ts';
import type { ObjectStore } from './object-store.ts';
import type { S3Settings } from './s3-settings.ts';

/** ms for a whole operation with its repetitions. */
const WHOLE = 30_000;

export type S3Objects = ObjectStore & AsyncDisposable;

/** The client is loaded here, and not before: nobody else needs it. */
export async function s3Objects(settings: S3Settings): Promise<S3Objects> {
  const sdk = await import('./s3-client.ts');
  const client = sdk.openClient(settings);
  const { bucket, prefix, endpoint } = settings;
  const place = `bucket ${bucket} at ${endpoint ?? `AWS ${settings.region}`}`;
  const target = (key: string) => ({ Bucket: bucket, Key: prefix === '' ? key : `${prefix}/${key}` });

  async function told<T>(what: string, key: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await work(AbortSignal.timeout(WHOLE));
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError('documents', `cannot ${what} object ${key} of ${place}: ${reasonOf(error)}`, {
        cause: withoutDetails(error),
      });
    }
  }

  return {
    place,
    put: (key, bytes) =>
      told('write', key, async (abortSignal) => {
        const command = new sdk.PutObjectCommand({
          ...target(key),
          Body: bytes,
          ContentType: 'application/zstd',
        });
        await client.send(command, { abortSignal });
      }),
    get: (key, limit) =>
      told('read', key, async (abortSignal) => {
        try {
          const { Body } = await client.send(new sdk.GetObjectCommand(target(key)), { abortSignal });
          return await readBody(Body as Readable, limit, abortSignal);
        } catch (error) {
          if (error instanceof sdk.NoSuchKey) return undefined;
          throw error;
        }
      }),
    delete: (key) =>
      told('delete', key, async (abortSignal) => {
        await client.send(new sdk.DeleteObjectCommand(target(key)), { abortSignal });
      }),
    [Symbol.asyncDispose]: async () => client.destroy(),
  };
}

async function readBody(body: Readable, limit: number, signal: AbortSignal): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of addAbortSignal(signal, body) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    // What is longer than its text is not what was stored.
    if (size > limit) return Buffer.alloc(0);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Name and status of what the server said, or what the system said; never a text of the server, which may repeat the request. */
function reasonOf(error: unknown): string {
  const { name = '', $metadata } = (error ?? {}) as {
    name?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  if (status !== undefined) return `${/^\w{1,60}$/.test(name) ? name : 'refused'} (HTTP ${status})`;
  if (name === 'TimeoutError' || name === 'AbortError') return 'it does not answer';
  if (name === 'CredentialsProviderError')
    return 'no credentials: set access_key and secret_key, or those of the AWS environment';
  return messageOf(error);
}

/** For the log: what the SDK throws has the request with it. */
function withoutDetails(error: unknown): Error {
  return new Error(error instanceof Error ? error.name : 'failed');
}
