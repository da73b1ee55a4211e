/** What is said of the process once: which release it is, and which mode. */
import { COMMIT, VERSION } from '../../version.ts';
import type { Metrics } from './registry.ts';

/** `clair_cmd_version_info`, with the labels that mean something here. */
export function tellVersion(metrics: Metrics, mode: string): void {
  const labels = { version: VERSION, revision: COMMIT, nodeversion: process.version, mode };
  metrics.gauge('clair_cmd_version_info', 'Version information.', 1, labels);
}
