/** A report as it is stored: its JSON, its state, and which indexer made it. */
import type { IndexReport } from '../model/index-report.ts';
import { toWire } from '../model/index-report-wire.ts';
import type { StoredReport } from './store/load-report.ts';

/** `indexer`: the state of the indexer that vouches for it. */
export function toStored(report: IndexReport, indexer: string): StoredReport {
  return { state: report.state, indexerState: indexer, report: JSON.stringify(toWire(report)) };
}
