/** The ledger of an image, with its feeds as they are now. */
import type { ConsoleCoverage } from '../../../model/api/console/types.ts';
import type { FeedStatus } from '../../store/feed-status.ts';
import type { LoadedImage } from './load-image.ts';

export function ledgerToWire(
  { ledger, coverage, packages, checked }: Pick<LoadedImage, 'ledger' | 'coverage' | 'packages' | 'checked'>,
  feeds: readonly FeedStatus[],
): ConsoleCoverage {
  const byName = new Map(
    feeds.filter(({ kind }) => kind === 'vulnerability').map((feed) => [feed.name, feed]),
  );
  return {
    state: coverage,
    packages,
    checked,
    lines: (ledger?.lines ?? []).map(({ what, scope, packages, feeds: names, reason }) => {
      const own = names.flatMap((name) => byName.get(name) ?? []);
      // Of several the one that was loaded longest ago: the answer is as old as that.
      const oldest = own.toSorted((a, b) => timeOf(a) - timeOf(b))[0];
      const old = own.find(({ state }) => state === 'stale' || state === 'failed');
      return {
        what,
        scope,
        packages,
        feed: oldest?.name ?? names[0] ?? null,
        last_success: oldest?.lastSuccess?.toISOString() ?? null,
        state: reason !== null ? 'not_checked' : old !== undefined ? 'stale' : 'checked',
        reason:
          reason ??
          (old === undefined ? null : (old.lastError ?? 'the feed has not been updated for over two days')),
      };
    }),
    other: [...(ledger?.other ?? [])],
  };
}

function timeOf({ lastSuccess }: FeedStatus): number {
  return lastSuccess?.getTime() ?? 0;
}
