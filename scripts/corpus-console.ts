/** A service with the recorded feeds and images, whose console has counted all of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsoleImages } from '../src/model/api/console/types.ts';
import { readManifest } from '../test/conformance/corpus.ts';
import { openSession } from '../test/conformance/session.ts';

export interface CorpusConsole extends AsyncDisposable {
  readonly address: string;
  /** Digests of the images, by name. */
  readonly images: ReadonlyMap<string, string>;
}

const PATIENCE = 600_000;

export async function startCorpusConsole(corpus: string): Promise<CorpusConsole> {
  await using resources = new AsyncDisposableStack();
  const say = (text: string): boolean => process.stderr.write(`${text}\n`);
  const { context } = resources.use(await openSession(corpus, { only: [], say }));
  const { serviceAddress: address } = context;
  const images = new Map<string, string>();
  for (const image of context.images) {
    const manifest = readManifest(image, context.corpusAddress);
    const tag = { names: [`corpus.example.com/${image.name}:1`] };
    await send(`${address}/indexer/api/v1/manifest/${manifest.hash}/names`, 'PUT', tag);
    const status = await send(`${address}/indexer/api/v1/index_report`, 'POST', manifest);
    if (status === 201) images.set(image.name, manifest.hash);
  }
  say(`${images.size} images are indexed`);
  await counted(address);
  const owned = resources.move();
  return { address, images, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function send(url: string, method: 'PUT' | 'POST', body: unknown): Promise<number> {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await answer.text();
  return answer.status;
}

/** Until no image waits for its report. */
async function counted(address: string): Promise<void> {
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; await sleep(500)) {
    const answer = await fetch(`${address}/matcher/api/v1/console/images?tags=all&limit=200&incomplete=1`);
    const { images } = (await answer.json()) as ConsoleImages;
    if (!images.some(({ coverage, state }) => coverage.state === 'pending' && state === 'IndexFinished'))
      return;
  }
  throw new Error('the console has not counted all images');
}
