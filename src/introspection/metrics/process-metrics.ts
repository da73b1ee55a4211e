/** What is said of the process once: which release it is, and which mode. */
import type { Metrics } from './registry.ts';

/** `clair_cmd_version_info`, with the labels that mean something here. */
export function tellVersion(
  metrics: Metrics,
  said: { readonly version: string; readonly revision: string; readonly mode: string },
): void {
  const labels = { ...said, nodeversion: process.version };
  metrics.gauge('clair_cmd_version_info', 'Version information.', 1, labels);
}
