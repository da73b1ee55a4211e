/**
 * How a thread that fetches a layer of a registry asks for it anew: tokens and presigned URLs run out while a big image
 * waits for its turn, and only the session with the registry, in the main thread, can have others.
 */
import { randomUUID } from 'node:crypto';
import type { BroadcastChannel } from 'node:worker_threads';
import { AppError, messageOf } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import type { LayerReference } from '../../model/manifest.ts';
import type { TlsSettings } from './tls-settings.ts';

/** Plain data, that a thread can get. */
export interface LayerAccess {
  readonly tls: TlsSettings;
  /** Where to ask for another reference. */
  readonly channel: string;
}

/** A layer of our own command line, never of a request. */
export interface AccessedLayer extends LayerReference {
  readonly access: LayerAccess;
}

/** Finds a layer again, with what is valid now. */
export type Relocate = (hash: Digest) => Promise<Pick<LayerReference, 'uri' | 'headers'>>;

type Said =
  | { readonly ask: string; readonly hash: Digest }
  | { readonly answer: string; readonly uri: string; readonly headers: LayerReference['headers'] }
  | { readonly answer: string; readonly error: string };

const ANSWER_MS = 180_000;

/** Answers to what is asked by `relocate`, until disposed. */
export function offerAccess(
  tls: TlsSettings,
  relocate: Relocate,
): { access: LayerAccess; close: () => void } {
  const access = { tls, channel: `layers-${randomUUID()}` };
  const channel = openChannel(access);
  let closed = false;
  channel.onmessage = async (event: unknown) => {
    const said = (event as { data: Said }).data;
    if (!('ask' in said)) return;
    let answer: Said;
    try {
      const { uri, headers } = await relocate(said.hash);
      answer = { answer: said.ask, uri, headers };
    } catch (error) {
      answer = { answer: said.ask, error: messageOf(error) };
    }
    if (!closed) channel.postMessage(answer);
  };
  return {
    access,
    close() {
      if (!closed) channel.close();
      closed = true;
    },
  };
}

/** Asks for `hash` anew. Throws `layer-unavailable`. */
export async function renewAccess(
  access: LayerAccess,
  hash: Digest,
  signal: AbortSignal,
): ReturnType<Relocate> {
  const channel = openChannel(access);
  const ask = randomUUID();
  const { promise, resolve, reject } = Promise.withResolvers<Said>();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  const onAbort = () => reject(new AppError('layer-unavailable', `${hash} could not be requested again`));
  limit.addEventListener('abort', onAbort, { once: true });
  channel.onmessage = (event: unknown) => {
    const said = (event as { data: Said }).data;
    if ('answer' in said && said.answer === ask) resolve(said);
  };
  try {
    channel.postMessage({ ask, hash } satisfies Said);
    const said = await promise;
    if ('uri' in said) return { uri: said.uri, headers: said.headers };
    throw new AppError('layer-unavailable', 'error' in said ? said.error : `${hash} is unavailable`);
  } finally {
    limit.removeEventListener('abort', onAbort);
    channel.close();
  }
}

/** Not by `import`: each thread that fetches layers would load it, and few ever need it. */
function openChannel({ channel }: LayerAccess): BroadcastChannel {
  return new (process.getBuiltinModule('node:worker_threads').BroadcastChannel)(channel);
}

/** The access of a layer that has one. */
export function accessOf(reference: LayerReference): LayerAccess | undefined {
  return 'access' in reference ? (reference as AccessedLayer).access : undefined;
}
