/** How long it takes until something can be asked: the service, the embedded database, `clairctl`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../src/db/embedded.ts';
import { ROOT } from '../test/imports.ts';
import type { Bench } from './figures.ts';
import { costOfCommand, peakMemory, quantile } from './measure.ts';
import { startService } from './service.ts';

const ROUNDS = 5;

export const benchStartup: Bench = async (report) => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-bench-'));
  try {
    const times: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const start = performance.now();
      await using _server = await startEmbedded({ dataDir: join(folder, 'db') });
      times.push(performance.now() - start);
    }
    report('database_first', times[0]!, 'ms');
    report('database', quantile(times.slice(1), 0.5), 'ms');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }

  const help: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    help.push(
      1000 * (await costOfCommand(process.execPath, [join(ROOT, 'bin', 'clairctl.mjs'), '--help'])).wall,
    );
  }
  report('clairctl_help', quantile(help, 0.5), 'ms');

  await using service = await startService({ matcher: { disable_updaters: true } });
  report('service', 1000 * service.startup, 'ms');
  report('service_rss', peakMemory(service.pid), 'MB');
};
