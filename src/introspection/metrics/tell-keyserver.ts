/** How it goes with the key server: while it does not answer, callers whose keys are not in memory are refused. */
import type { KeyserverFigures } from '../../http/auth/keyserver.ts';
import type { Metrics } from './registry.ts';

/** Tells it at each scrape. */
export function tellKeyserver(figures: () => KeyserverFigures, metrics: Metrics): void {
  metrics.onScrape(() => {
    const { reachable, asked } = figures();
    const help = 'Whether the key server answered when it was last asked';
    metrics.gauge('clair_auth_keyserver_up', help, Number(reachable));
    for (const [outcome, count] of Object.entries(asked)) {
      metrics.countTo('clair_auth_keyserver_requests_total', 'Requests for keys', count, { outcome });
    }
  });
}
