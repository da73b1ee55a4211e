/** For tests that look at what a sweep leaves. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../db/database.ts';
import { type Swept, sweepOrphans } from './sweep.ts';

/** Sweeps until nothing is left to sweep: transactions in other databases of the server hold it up as well. */
export async function sweepAll(db: Database): Promise<Swept> {
  let [manifests, lookups] = [0, 0];
  for (const signal = AbortSignal.timeout(60_000); ; await sleep(20)) {
    const swept = await sweepOrphans(db, signal);
    manifests += swept?.manifests ?? 0;
    lookups += swept?.lookups ?? 0;
    const left = await db.query({
      text: `
        select from hidden_finding union all select from hidden_set union all select from deleted_manifest
        limit 1`,
    });
    if (swept !== undefined && left.length === 0) return { manifests, lookups };
  }
}
