/** Suite `api`: every recorded request, in its order, on the service that has indexed what the recorded one had. */
import { judgeAnswer } from '../api/judge.ts';
import { type Names, toOurs, toRecorded } from '../api/names.ts';
import { ask, type Recorded, readRecorded } from '../api/recorded.ts';
import { type CorpusImage, RECORDED_ADDRESS, readManifest } from '../corpus.ts';
import { judgeIndex } from '../verdict.ts';
import type { Suite, SuiteContext } from './suite.ts';

const DIGEST = /sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})/g;
const STAND_IN = 'debian12-base';
const INDEX = '/indexer/api/v1/index_report';
const AFFECTED = 4;

/** Judges the API. */
export const apiSuite: Suite = {
  name: 'api',
  async *run(context) {
    const recorded = readRecorded(context.corpus, 'api');
    if (recorded.length === 0) return;
    const images = new Map(context.images.map((image) => [manifestOf(image).hash, image]));
    const asked = recorded.flatMap(({ request }) => `${request.path} ${request.body}`.match(DIGEST) ?? []);
    const standIn = context.images.find(({ name }) => name === STAND_IN);
    const affected = await affectedHere(context, recorded, images, standIn);
    const needed = [...new Set([...asked.flatMap((each) => images.get(each) ?? []), ...affected.values()])];
    if (standIn !== undefined) needed.push(standIn);
    for (const image of needed) await context.answersFor(image);
    const names = await namesOf(context, recorded, images, standIn);
    for (const each of recorded) {
      const ours = toRecorded(await ask(context.serviceAddress, toOurs(each, names).request), names);
      const isNotifier =
        each.request.path.startsWith('/notifier/') && ours.status === 404 && each.status !== 404;
      // The suite `notifications` runs on a service that has a notifier.
      if (isNotifier)
        yield { name: each.name, verdict: 'equal', wrong: [], explained: new Map(), notYet: ['notifier'] };
      else
        yield judgeAnswer(
          { ...each, body: cut(each.body, affected, images) },
          { ...ours, body: cut(ours.body, affected, images) },
        );
    }
    // What was deleted is there again for who comes next.
    for (const image of needed) {
      const body = JSON.stringify(readManifest(image, context.corpusAddress));
      await (await fetch(context.serviceAddress + INDEX, { method: 'POST', body })).text();
    }
  },
};

function manifestOf(image: CorpusImage): { readonly hash: string } {
  return readManifest(image, RECORDED_ADDRESS);
}

/** What stands in our service for the recorded names. */
async function namesOf(
  { serviceAddress, corpusAddress }: SuiteContext,
  recorded: readonly Recorded[],
  images: ReadonlyMap<string, CorpusImage>,
  standIn: CorpusImage | undefined,
): Promise<Names> {
  const names = new Map([[RECORDED_ADDRESS, corpusAddress]]);
  const json = async (path: string) => (await fetch(serviceAddress + path)).json();
  const states = recorded.flatMap(({ body }) => (body as { state?: string } | undefined)?.state ?? []);
  const { state } = (await json('/indexer/api/v1/index_state')) as { state: string };
  for (const each of states) if (/^[0-9a-f]{32}$/.test(each)) names.set(each, state);

  for (const kind of ['vulnerability', 'enrichment']) {
    const ours = await fetch(`${serviceAddress}/matcher/api/v1/internal/update_operation?kind=${kind}`);
    const mine = (await ours.json()) as Record<string, { ref: string }[]>;
    const path = `/update_operation${kind === 'enrichment' ? '?kind=enrichment' : ''}`;
    const theirs = recorded.find(({ request }) => request.method === 'GET' && request.path.endsWith(path));
    for (const [updater, list] of Object.entries((theirs?.body ?? {}) as Record<string, { ref: string }[]>)) {
      const ref = mine[updater]?.[0]?.ref;
      if (ref !== undefined) for (const each of list) names.set(each.ref, ref);
    }
    // The newest of all, whoever's it is.
    const newest = theirs?.headers.find(([name]) => name.toLowerCase() === 'etag')?.[1].replaceAll('"', '');
    const tag = ours.headers.get('etag')?.replaceAll('"', '');
    if (newest === undefined || tag === undefined) continue;
    names.delete(newest); // the last one is the one that ours is called by
    names.set(newest, tag);
  }
  // A manifest that gave a report, but that is not at hand, has another one to stand in for it.
  for (const { request, status } of recorded) {
    if (standIn === undefined || status !== 200 || !/vulnerability_report\//.test(request.path)) continue;
    const [digest] = request.path.match(DIGEST) ?? [];
    if (digest !== undefined && !images.has(digest)) names.set(digest, manifestOf(standIn).hash);
  }
  return names;
}

/**
 * A few of the manifests that are affected in the recording, by digest: to index them all takes long. Where index reports
 * differ, manifests are affected otherwise: the suite `index` says why.
 */
async function affectedHere(
  { answersFor, evidence }: SuiteContext,
  recorded: readonly Recorded[],
  images: ReadonlyMap<string, CorpusImage>,
  standIn: CorpusImage | undefined,
): Promise<Map<string, CorpusImage>> {
  const digests = recorded.flatMap(({ body }) => Object.keys(affectedOf(body) ?? {})).sort();
  const found = new Map<string, CorpusImage>();
  for (const digest of new Set(digests)) {
    const image = images.get(digest);
    if (image === undefined || image === standIn) continue;
    if (judgeIndex(image, await answersFor(image), evidence).verdict === 'equal') found.set(digest, image);
    if (found.size === AFFECTED) break;
  }
  return found;
}

function affectedOf(body: unknown): Readonly<Record<string, unknown>> | undefined {
  return (body as { vulnerable_manifests?: Record<string, unknown> } | null | undefined)
    ?.vulnerable_manifests;
}

/** Whatever else was indexed in either service does not matter. */
function cut(
  body: unknown,
  affected: ReadonlyMap<string, CorpusImage>,
  images: ReadonlyMap<string, CorpusImage>,
): unknown {
  const manifests = affectedOf(body);
  const { manifest_hash: hash = '' } = (body ?? {}) as { manifest_hash?: string };
  // What a stand-in has is something else.
  if (hash !== '' && !images.has(hash)) return { ...(body as object), packages: {} };
  if (manifests === undefined) return body;
  const kept = Object.entries(manifests).filter(([digest]) => affected.has(digest));
  return { ...(body as object), vulnerable_manifests: Object.fromEntries(kept) };
}
