/** The advisories of Red Hat about its rpms and containers: an archive of VEX documents, then those that change. */

import type { Feed, FeedContext, FeedSet, Fetched } from '../../../contract/feed.ts';
import { AppError, messageOf } from '../../../errors.ts';
import type { Advisory, Scope } from '../../../model/advisory.ts';
import { rpmVersions } from '../../rpm/scopes/version.ts';
import { rhctag } from '../containers/version.ts';
import { RHCC_PREFIX } from '../scopes/scopes.ts';
import { isConfigurations, vexReader } from './advisories.ts';
import { readVexConfig, type VexConfig } from './config.ts';
import { readCsafDocument } from './csaf.ts';
import { type KeptArchive, type KeptDocuments, keepArchive, keepDocuments } from './documents.ts';
import { fetchList, type List } from './lists.ts';
import { formatState, parseState, type VexState } from './state.ts';

const NAME = 'rhel-vex';
/** More single documents than that come faster with the archive. */
const MANY = 5000;

/** The updater set `rhel-vex`: one feed, whose scopes are the CPEs that it meets. */
export const vexFeeds: FeedSet = {
  set: NAME,
  feeds: async () => [vexFeed()],
};

/** The feed; it knows its scopes when it was read. */
export function vexFeed(): Feed {
  const scopes = new Map<string, Scope>();
  return {
    name: NAME,
    get scopes() {
      return [...scopes.values()];
    },
    versions: rpmVersions,
    versionsOf: ({ scope }) => (scope.startsWith(RHCC_PREFIX) ? rhctag : rpmVersions),
    async fetch(fingerprint, unchecked, context) {
      const config = readVexConfig(unchecked);
      const state = parseState(fingerprint, config);
      const news =
        (state && (await changesSince(state, config, context))) ?? (await everything(config, context));
      return news === 'unchanged'
        ? news
        : fetchedOf(news, config, context, (scope) => scopes.set(scope.key, scope));
    },
  };
}

interface News {
  readonly state: VexState;
  readonly changed: KeptDocuments;
  /** Paths of documents that are gone. */
  readonly deleted: ReadonlySet<string>;
  /** All other documents; undefined: they are as they were. */
  readonly archive?: KeptArchive;
}

/** undefined: so many that all are better loaded anew. */
async function changesSince(
  state: VexState,
  config: VexConfig,
  context: FeedContext,
): Promise<News | 'unchanged' | undefined> {
  const { since } = state;
  const folder = config.url;
  const changes = await fetchList(context, { folder, name: 'changes.csv', etag: state.changes, since });
  const deletions = await fetchList(context, { folder, name: 'deletions.csv', etag: state.deletions, since });
  if (changes === 'unchanged' && deletions === 'unchanged' && state.retry.length === 0) return 'unchanged';
  const { wanted, deleted } = sort(changes, deletions);
  for (const path of state.retry) if (!deleted.has(path)) wanted.add(path);
  if (wanted.size > MANY) return undefined;
  const changed = await keepDocuments(context, folder, [...wanted]);
  return { state: nextState(state, config, changes, deletions, changed), changed, deleted };
}

async function everything(config: VexConfig, context: FeedContext): Promise<News> {
  const folder = config.url;
  const archive = await keepArchive(context, folder, config.archiveTimeout);
  const since = archive.published + 1; // what is as old as the archive is in it
  const list = async (name: string): Promise<List> => {
    const all = await fetchList(context, { folder, name, etag: '', since });
    if (all === 'unchanged') throw new AppError('feed', `${folder}${name}: unchanged, but since nothing`);
    return all;
  };
  const changes = await list('changes.csv');
  const deletions = await list('deletions.csv');
  const { wanted, deleted } = sort(changes, deletions);
  const changed = await keepDocuments(context, folder, [...wanted]);
  const first = { since: archive.published, changes: '', deletions: '', retry: [] };
  return { state: nextState(first, config, changes, deletions, changed), changed, deleted, archive };
}

/** A document that is in both lists is what it became last. */
function sort(
  changes: List | 'unchanged',
  deletions: List | 'unchanged',
): { wanted: Set<string>; deleted: Set<string> } {
  const wanted = new Map(changes === 'unchanged' ? [] : changes.changes);
  const deleted = new Set<string>();
  for (const [path, time] of deletions === 'unchanged' ? [] : deletions.changes) {
    if (time < (wanted.get(path) ?? 0)) continue;
    wanted.delete(path);
    deleted.add(path);
  }
  return { wanted: new Set(wanted.keys()), deleted };
}

// differs: counted from the newest time that the server's lists have, not from the local clock (clair-matching.md#red-hat-vex)
function nextState(
  state: Pick<VexState, 'since' | 'changes' | 'deletions'>,
  config: VexConfig,
  changes: List | 'unchanged',
  deletions: List | 'unchanged',
  { failed }: KeptDocuments,
): VexState {
  const newest = [changes, deletions].map((list) => (list === 'unchanged' ? 0 : list.newest));
  return {
    url: config.url,
    ignoreKernel: config.ignoreKernel,
    fixedIn: config.fixedIn?.text ?? '',
    since: Math.max(state.since, ...newest),
    changes: changes === 'unchanged' ? state.changes : changes.etag,
    deletions: deletions === 'unchanged' ? state.deletions : deletions.etag,
    retry: [...failed].sort(),
  };
}

function fetchedOf(
  { state, changed, deleted, archive }: News,
  config: VexConfig,
  context: FeedContext,
  met: (scope: Scope) => void,
): Fetched<Advisory> {
  const names = new Set([...deleted].map(nameOf));
  const read = vexReader({
    problem: (each) => context.problem(each),
    ignoreKernel: config.ignoreKernel,
    ...(config.fixedIn && { rewriteFix: config.fixedIn.rewrite }),
    folder: config.url,
    met,
  });
  const done = new Set(deleted);
  async function* records(): AsyncGenerator<Advisory> {
    let documents = 0;
    const advisoriesOf = (path: string, json: string): readonly Advisory[] => {
      documents += 1;
      try {
        const document = readCsafDocument(JSON.parse(json));
        const advisories = read(document);
        names.add(document.id);
        done.add(path);
        return advisories;
      } catch (error) {
        if (isConfigurations(error)) throw error;
        // What was known of it stays, be it in the database or in the archive.
        context.problem({ where: path, reason: messageOf(error) });
        return [];
      }
    };
    for await (const { path, json } of changed.documents()) yield* advisoriesOf(path, json);
    if (archive === undefined) return;
    documents = 0;
    for await (const { path, json } of archive.documents((path) => done.has(path)))
      yield* advisoriesOf(path, json);
    if (documents === 0) throw new AppError('feed', `the archive of ${config.url} has no documents`);
  }
  const fetched = { fingerprint: formatState(state), records: records() };
  return archive === undefined ? { ...fetched, partial: { names } } : fetched;
}

function nameOf(path: string): string {
  return path
    .replace(/^.*\//, '')
    .replace(/\.json$/, '')
    .toUpperCase();
}
