/** The matcher and the indexer of this process, as the notifier wants them: advisories go from one to the other as they are. */
import type { Indexer } from '../indexer/indexer.ts';
import type { Matcher } from '../matcher/matcher.ts';
import type { AdvisoryFacts } from '../model/advisory.ts';
import type { Reason } from '../transports/notification.ts';
import type { Affected, Asked, Change, ManifestSource, RunSource } from './sources.ts';

/** The runs of the matcher beside it. */
export function localRuns(matcher: Pick<Matcher, 'updateOperations' | 'updateDiff'>): RunSource {
  return {
    async runs(latest) {
      return (await matcher.updateOperations('vulnerability', latest)).byUpdater;
    },
    async *changes(cur, prev, signal) {
      const diff = await matcher.updateDiff(cur, prev);
      for (const reason of ['added', 'removed'] as const) {
        for await (const { facts, json } of diff[reason].advisories()) {
          signal.throwIfAborted();
          yield changeOf(reason, facts, json);
        }
      }
    },
  };
}

/** Few of many affect an image: only of those is the JSON read. */
function changeOf(reason: Reason, facts: AdvisoryFacts, json: string): Change {
  return {
    reason,
    facts,
    get vulnerability() {
      return JSON.parse(json) as Change['vulnerability'];
    },
  };
}

/** The manifests of the indexer beside it. */
export function localManifests(
  indexer: Pick<Indexer, 'affectedManifests' | 'manifestsAffectedBy'>,
): ManifestSource {
  return {
    async affected(asked, signal) {
      const facts = asked.flatMap(({ change }) => change.facts ?? []);
      if (facts.length < asked.length) return await affectedByJson(indexer, asked, signal);
      const { manifests, problems } = await indexer.manifestsAffectedBy(facts, signal);
      return {
        manifests: Object.fromEntries(
          manifests.map(([digest, positions]) => [digest, [...positions].map((at) => asked[at]!.id)]),
        ),
        problems: problems.map(({ where, reason }) => `${where}: ${reason}`),
      };
    },
  };
}

/** Where the matcher is another service. */
async function affectedByJson(
  indexer: Pick<Indexer, 'affectedManifests'>,
  asked: readonly Asked[],
  signal: AbortSignal,
): Promise<Affected> {
  const { vulnerable_manifests: manifests, problems = [] } = await indexer.affectedManifests(
    asked.map(({ id, change }) => ({ ...change.vulnerability, id })),
    signal,
  );
  return { manifests, problems: problems.map(({ where, reason }) => `${where}: ${reason}`) };
}
