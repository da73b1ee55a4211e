/** The matcher and the indexer of this process, as the notifier wants them. */
import type { Indexer } from '../indexer/indexer.ts';
import type { Matcher } from '../matcher/matcher.ts';
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
        for await (const json of diff[reason].vulnerabilities()) {
          signal.throwIfAborted();
          yield { reason, vulnerability: JSON.parse(json) as Change['vulnerability'] };
        }
      }
    },
  };
}

/** The manifests of the indexer beside it. */
export function localManifests(indexer: Pick<Indexer, 'affectedManifests'>): ManifestSource {
  return {
    async affected(vulnerabilities, signal) {
      const { vulnerable_manifests: manifests, problems = [] } = await indexer.affectedManifests(
        vulnerabilities,
        signal,
      );
      return { manifests, problems: problems.map(({ where, reason }) => `${where}: ${reason}`) };
    },
  };
}
