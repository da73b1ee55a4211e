/** From the reference of a layer to its tar archive: opened, checked against its digest, decompressed, in one pass. */
import { createHash } from 'node:crypto';
import { AppError } from '../../errors.ts';
import { redact } from '../../lib/redact.ts';
import { algorithmOf } from '../../model/digest.ts';
import type { LayerReference } from '../../model/manifest.ts';
import type { RetryPolicy } from '../registry/http-retry.ts';
import { accessOf } from '../registry/layer-access.ts';
import { chooseCompression } from './content-type.ts';
import { createDecompressor, detectCompression, MAGIC_BYTES, type Way } from './decompress.ts';
import type { Decompressor } from './decompressors/decompressor.ts';
import { openFileLayer } from './file-layer.ts';
import type { HttpTimeouts } from './http-layer.ts';
import type { LayerBudget } from './layer-limits.ts';
import { type OpenLayer, openHttpLayer } from './open-http-layer.ts';

export interface FetchOptions {
  readonly budget: LayerBudget;
  readonly signal: AbortSignal;
  /** `file:`, and access to a registry, are for references of our own command line, never of a client. */
  readonly allowLocal?: boolean;
  readonly airgap?: boolean;
  readonly timeouts?: HttpTimeouts;
  readonly retry?: RetryPolicy;
  /** How layers are decompressed; by default as is best on this Node. */
  readonly way?: Way;
  /** Bytes received so far, called for each piece. */
  readonly onBytes?: (bytes: number) => void;
}

/** Takes the tar archive in pieces that are only good during the call. */
export interface ArchiveSink {
  write(piece: Buffer): void;
  end(): void;
}

/**
 * Reads all of the layer into `sink`. The digest is over the bytes as received, all of them, even if the archive ends
 * early; a wrong digest is told rather than what it did to the archive. Throws `layer-unavailable`,
 * `layer-refused`, `bad-layer-url`, `bad-layer`, `layer-limit`.
 */
export async function fetchLayer(
  reference: LayerReference,
  options: FetchOptions,
  sink: ArchiveSink,
): Promise<void> {
  const { budget, onBytes } = options;
  await using layer = await openLayer(reference, options);
  const hash = createHash(algorithmOf(reference.hash));
  using unpacking = new Unpacking(layer.contentType, options, sink);
  let failure: AppError | undefined;
  const unpack = async (step: () => Promise<void> | undefined): Promise<void> => {
    if (failure !== undefined) return;
    try {
      await step();
    } catch (error) {
      // Broken content may be the fault of the transfer: the digest will tell.
      if (!(error instanceof AppError) || error.code === 'layer-limit' || options.signal.aborted) throw error;
      failure = error;
    }
  };
  let received = 0;
  for await (const piece of layer.pieces) {
    budget.received(piece.length);
    hash.update(piece);
    await unpack(() => unpacking.write(piece));
    received += piece.length;
    onBytes?.(received);
  }
  await unpack(() => unpacking.end());

  const got = hash.digest('hex');
  const expected = reference.hash.slice(reference.hash.indexOf(':') + 1);
  if (got !== expected) {
    throw new AppError('layer-refused', `fetcher: validation failed: got "${got}", expected "${expected}"`);
  }
  if (failure !== undefined) throw failure;
}

async function openLayer(reference: LayerReference, options: FetchOptions): Promise<OpenLayer> {
  const { uri, hash } = reference;
  if (uri === '') throw new AppError('bad-layer-url', `fetcher: layer ${hash} has no uri`);
  const url = URL.parse(uri);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') {
    const { signal, timeouts, retry, airgap = false } = options;
    const access = options.allowLocal ? accessOf(reference) : undefined;
    return openHttpLayer(reference, {
      airgap,
      signal,
      access,
      ...(timeouts && { timeouts }),
      ...(retry && { retry }),
    });
  }
  if (url?.protocol === 'file:' && options.allowLocal) return openFileLayer(uri);
  const scheme = url === null ? '' : url.protocol.slice(0, -1);
  throw new AppError(
    'bad-layer-url',
    `fetcher: request failed: Get ${JSON.stringify(redact(uri))}: unsupported protocol scheme ${JSON.stringify(scheme)}`,
  );
}

/** Looks at the first bytes, then decompresses. */
class Unpacking implements Disposable {
  readonly #contentType: string;
  readonly #budget: LayerBudget;
  readonly #way: Way | undefined;
  readonly #sink: ArchiveSink;
  #head: Buffer = Buffer.alloc(0);
  #decompressor: Decompressor | undefined;

  constructor(contentType: string, { budget, way }: FetchOptions, sink: ArchiveSink) {
    this.#contentType = contentType;
    this.#budget = budget;
    this.#way = way;
    this.#sink = sink;
  }

  write(piece: Buffer): Promise<void> | undefined {
    if (this.#decompressor !== undefined) return this.#decompressor.write(piece);
    this.#head = Buffer.concat([this.#head, piece]);
    return this.#head.length >= MAGIC_BYTES ? this.#start() : undefined;
  }

  async end(): Promise<void> {
    if (this.#decompressor === undefined) await this.#start();
    await this.#decompressor?.end();
    this.#sink.end();
  }

  #start(): Promise<void> | undefined {
    const head = this.#head;
    this.#head = Buffer.alloc(0);
    const kind = chooseCompression(this.#contentType, detectCompression(head));
    const output = (piece: Buffer): void => {
      this.#budget.unpacked(piece.length);
      this.#sink.write(piece);
    };
    this.#decompressor = createDecompressor(kind, output, this.#way);
    return head.length > 0 ? this.#decompressor.write(head) : undefined;
  }

  [Symbol.dispose](): void {
    this.#decompressor?.[Symbol.dispose]();
  }
}
