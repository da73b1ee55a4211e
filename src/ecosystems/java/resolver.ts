/** Looks up archives by their SHA-1 whose name is only known by their manifest or their file name. */

import type { LayerDetection, LayerDetections } from '../../contract/coalesce.ts';
import type { DetectedPackage } from '../../contract/detector.ts';
import type { Resolve, ResolverContext } from '../../contract/resolver.ts';
import { messageOf } from '../../errors.ts';
import { fieldOf, identifierOf } from '../../formats/json/file.ts';
import type { Coordinates } from './coordinates.ts';
import { javaArchives } from './detect-archives.ts';
import { SECTION, type SearchSettings, searchSettings } from './search-settings.ts';

const DETECTOR = `${javaArchives.id}:${javaArchives.revision}:${javaArchives.kind}`;

/** Questions for one image; an image of more unnamed archives is told so. */
const MAX_QUESTIONS = 1000;
const AT_ONCE = 4;
/** Failures after which nobody is asked any more for a while. */
const MAX_FAILURES = 3;
const PAUSE = 5 * 60_000;
const MAX_CACHED = 50_000;
const MAX_ANSWER = 1024 * 1024;

/** null: the archive is not known there. */
type Answer = Coordinates | null;

/** The resolver of the archives. Throws `bad-config`. */
export function archiveResolver(context: ResolverContext): Resolve {
  const settings = searchSettings(context.config('package', javaArchives.id));
  if (settings === undefined || context.airgap) return async (layers) => layers;
  const cache = new Map<string, Answer>();
  let pausedUntil = 0;

  /** Asks for what is not cached; gives why not all could be had. */
  async function lookUp(hashes: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    const unknown = hashes.filter((hash) => !cache.has(hash));
    const left = unknown.slice(0, MAX_QUESTIONS);
    if (left.length > 0 && context.now().getTime() < pausedUntil) return 'it did not answer a while ago';
    let failures = 0;
    let reason: string | undefined;
    const worker = async (): Promise<void> => {
      for (let hash = left.shift(); hash !== undefined; hash = left.shift()) {
        try {
          remember(cache, hash, await ask(settings!, hash, context, signal));
        } catch (error) {
          signal.throwIfAborted();
          reason ??= messageOf(error);
          if (++failures < MAX_FAILURES) continue;
          pausedUntil = context.now().getTime() + PAUSE;
          left.length = 0;
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (reason !== undefined) return reason;
    return unknown.length > MAX_QUESTIONS ? `an image may have ${MAX_QUESTIONS} of them` : undefined;
  }

  return async (layers, signal) => {
    const hashes = new Set(layers.flatMap(({ found }) => found.flatMap((item) => hashOf(item) ?? [])));
    if (hashes.size === 0) return layers;
    const reason = await lookUp([...hashes], signal);
    return layers.map((layer) => resolveLayer(layer, cache, settings.url, reason));
  };
}

async function ask(
  { url, timeout }: SearchSettings,
  hash: string,
  { request }: ResolverContext,
  signal: AbortSignal,
): Promise<Answer> {
  const asked = new URL(url);
  asked.searchParams.set('q', `1:${hash}`);
  asked.searchParams.set('wt', 'json');
  const response = await request(asked.href, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
  });
  if (response.status !== 200) {
    await response.discard();
    throw new Error(`status ${response.status}`);
  }
  const documents = fieldOf(fieldOf(JSON.parse(await response.text(MAX_ANSWER)), 'response'), 'docs');
  if (!Array.isArray(documents)) throw new Error('its answer is none of a search');
  const [first] = documents
    .flatMap((each) => {
      const [id, group, artifact, version] = ['id', 'g', 'a', 'v'].map((key) =>
        identifierOf(fieldOf(each, key)),
      );
      return group && artifact && version ? [{ id: id ?? '', name: `${group}:${artifact}`, version }] : [];
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return first === undefined ? null : { name: first.name, version: first.version };
}

function remember(cache: Map<string, Answer>, hash: string, answer: Answer): void {
  if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value!);
  cache.set(hash, answer);
}

function hashOf(item: LayerDetection): string | undefined {
  return item.found === 'package' && item.detector === DETECTOR
    ? /^sha1:([0-9a-f]{40})$/.exec(item.package.hint ?? '')?.[1]
    : undefined;
}

function resolveLayer(
  layer: LayerDetections,
  cache: ReadonlyMap<string, Answer>,
  url: string,
  reason: string | undefined,
): LayerDetections {
  let unknown = 0;
  const found = layer.found.map((item): LayerDetection => {
    const hash = hashOf(item);
    if (hash === undefined || item.found !== 'package') return item;
    const answer = cache.get(hash);
    if (answer === undefined) unknown++;
    return answer ? { ...item, package: named(item.package, answer) } : item;
  });
  if (unknown === 0) return { ...layer, found };
  const what = unknown === 1 ? 'an archive' : `${unknown} archives`;
  const told = `the names of ${what} are guesses: ${url} could not be asked (${reason ?? 'no answer'}); disable_api switches this off`;
  return {
    ...layer,
    found: [...found, { found: 'problem', where: SECTION, reason: told, kind: 'note', detector: DETECTOR }],
  };
}

// clair-quirk: found by its SHA-1, an archive is reported as if its own properties said so
function named(found: DetectedPackage, { name, version }: Coordinates): DetectedPackage {
  const { clues: _clues, ...known } = found;
  return { ...known, name, version, database: found.database.replace(/^[a-z]+:/, 'maven:') };
}
