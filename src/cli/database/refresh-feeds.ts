/** Before a scan: takes the published database where it is fresher than what is here, and asks upstream for the rest. */
import { ecosystems } from '../../ecosystems/index.ts';
import { enrichers } from '../../enrichers/index.ts';
import { messageOf } from '../../errors.ts';
import type { RegistryFlags } from '../../image/open-target.ts';
import { headsOfReport, isNeeded, setsWithout } from '../../matcher/published/needed.ts';
import { pullDatabase } from '../../matcher/published/pull.ts';
import { loadPulledLayers, type PulledLayer } from '../../matcher/store/pulled.ts';
import { fromWire, type IndexReportWire } from '../../model/index-report-wire.ts';
import { ageWarning } from './db-pull.ts';
import type { Engines } from './open-engines.ts';
import { openPublishedDatabase, type PublishedSettings } from './published-options.ts';
import { pullMeter } from './pull-meter.ts';
import { type UpdateFeedsOptions, updateFeeds } from './update-feeds.ts';

export interface RefreshOptions extends Omit<UpdateFeedsOptions, 'only'> {
  /** Of the image. */
  readonly index: IndexReportWire;
  readonly published: PublishedSettings;
  readonly registry: RegistryFlags;
}

/** Where neither can be had, it is told; what is loaded stays. */
export async function refreshFeeds(
  engines: Pick<Engines, 'matcher' | 'advisories'>,
  options: RefreshOptions,
): Promise<void> {
  const { index, published, policy } = options;
  if (policy === 'never') return;
  // One image needs few of the feeds, and all of them are hundreds of megabytes.
  const sets = engines.matcher.feedSetsOf(index);
  const isPublished = policy === 'auto' && published.repositories.length > 0;
  const only = isPublished
    ? await setsLeft(engines, options, { sets, heads: headsOfReport(fromWire(index).report, ecosystems) })
    : sets;
  if (only.length > 0) await updateFeeds(engines.matcher, { ...options, only });
}

/** By an image. */
interface Needed {
  readonly sets: readonly string[];
  /** See `headsOfReport`. */
  readonly heads: ReadonlySet<string>;
}

/** Loads what is newer, and gives the sets of which upstream has to be asked all the same. */
async function setsLeft(
  { advisories: db }: Pick<Engines, 'advisories'>,
  options: RefreshOptions,
  { sets, heads }: Needed,
): Promise<readonly string[]> {
  const { published, progress, signal, config } = options;
  const known = await loadPulledLayers(db);
  if (wasAskedLately(known, heads, options)) return setsWithout(known, heads, ecosystems);
  try {
    progress.show('database: asking for its manifest');
    await using database = await openPublishedDatabase({
      ...published,
      // A login is for the registry of the image.
      registry: forDatabase(options.registry),
      signal,
      note: progress.note,
    });
    const warning = ageWarning(database.created, published.maxAge);
    if (warning !== undefined) progress.note(`warning: ${warning}`);
    const results = await pullDatabase({ db, ecosystems, enrichers, now: () => new Date() }, database, {
      signal,
      config: config.updaters.config,
      wanted: (layer) => isNeeded(layer, heads),
      withPieces: false,
      onProgress: pullMeter(progress),
    });
    progress.clear();
    if (warning !== undefined) return sets;
    const failed = results.filter(({ state }) => state === 'failed');
    for (const { name, error } of failed.slice(0, 3)) progress.note(`feed ${name}: ${error ?? 'failed'}`);
    // What is newer here came from upstream, which goes on to be asked for it.
    const others = results.filter(({ state }) => state === 'failed' || state === 'current');
    const names = new Set(others.map(({ kind, name }) => `${kind} ${name}`));
    const theirs = database.config.feeds.filter(({ kind, name }) => names.has(`${kind} ${name}`));
    return [
      ...new Set([
        ...setsWithout(database.config.layers, heads, ecosystems),
        ...theirs.map((feed) => feed.feed_set),
      ]),
    ];
  } catch (error) {
    signal.throwIfAborted();
    progress.note(`warning: cannot use the published database, updating from the feeds: ${messageOf(error)}`);
    return sets;
  }
}

function forDatabase({ login: _, plainHttp: __, ...registry }: RegistryFlags): RegistryFlags {
  return registry;
}

/** Whether all layers that the image needs are here, and the repository was asked within the period. */
function wasAskedLately(
  layers: readonly PulledLayer[],
  heads: ReadonlySet<string>,
  { published, config, progress }: RefreshOptions,
): boolean {
  const needed = layers.filter((layer) => isNeeded(layer, heads));
  const now = Date.now();
  const isHere = needed.every(
    ({ loaded, digest, checked }) =>
      loaded === digest && Math.abs(now - checked.getTime()) < config.matcher.period,
  );
  if (needed.length === 0 || !isHere) return false;
  const oldest = Math.min(...needed.map(({ created }) => created.getTime()));
  const warning = ageWarning(new Date(oldest), published.maxAge, now);
  if (warning !== undefined) progress.note(`warning: ${warning}`);
  return warning === undefined;
}
