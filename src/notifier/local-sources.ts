/** The matcher and the indexer of this process, as the notifier wants them: advisories go from one to the other as they are. */
import type { Indexer } from '../indexer/indexer.ts';
import type { Matcher } from '../matcher/matcher.ts';
import type { AdvisoryFacts } from '../model/advisory.ts';
import type { Reason } from '../transports/notification.ts';
import type { Change, ManifestSource, RunSource } from './sources.ts';

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
    json,
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
    async *affected(changes, { after, problem, signal }) {
      const facts = changes.flatMap((change) => change.facts ?? []);
      // Where the matcher is another service there are none.
      const { problems, pages } =
        facts.length < changes.length
          ? await indexer.affectedManifests(
              changes.map((change, at) => ({ ...change.vulnerability, id: String(at) })),
              { after, signal },
            )
          : await indexer.manifestsAffectedBy(facts, { after, signal });
      for (const { where, reason } of problems) problem(`${where}: ${reason}`);
      yield* pages();
    },
  };
}
