/** Facts that a gate rests on and that are not there: it would let pass what nobody has looked up. */
import type { IncompleteWire } from '../../matcher/report/report-wire.ts';
import { type FeedStatus, STALE_AFTER } from '../../matcher/store/feed-status.ts';
import type { Gate } from './gate.ts';

/** Returns an entry for each enricher that `gate` needs and that was never loaded, or not for two days. */
export function missingFacts(gate: Gate, statuses: readonly FeedStatus[], now: Date): IncompleteWire[] {
  return [...gate.needs].flatMap(([name, condition]): IncompleteWire[] => {
    const loaded = statuses.find((status) => status.name === name)?.lastSuccess;
    const since = `--fail-on ${condition} needs ${name}, which was`;
    const entry = { what: name, where: '', count: 0, packages: 0 };
    if (loaded === undefined) return [{ ...entry, kind: 'feed-not-loaded', reason: `${since} never loaded` }];
    if (now.getTime() - loaded.getTime() <= STALE_AFTER) return [];
    return [
      { ...entry, kind: 'feed-stale', reason: `${since} loaded on ${loaded.toISOString().slice(0, 10)}` },
    ];
  });
}
