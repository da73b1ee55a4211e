/** What `report` does: asks for the reports, and writes them. */
import type { ScannerConfig } from '../../indexer/resolve-detections.ts';
import { registryFlagsOf } from '../flags/registry-options.ts';
import { EXIT } from '../policy/exit-code.ts';
import { debugLog } from '../terminal/debug-log.ts';
import { interruption } from '../terminal/interruption.ts';
import { printable, printableLines } from '../terminal/printable.ts';
import { createProgress, type Progress } from '../terminal/progress.ts';
import { serverConfigOf, signOf } from './api-options.ts';
import { INDEXING, openApi } from './clair-api.ts';
import { writeServiceReports } from './report-formats.ts';
import type { ReportFlags } from './report-options.ts';
import { requestReports } from './request-reports.ts';

/** Gives the exit code. Throws what kept the only report from being had, or without `keepGoing` the first of several. */
export async function report(references: readonly string[], flags: ReportFlags): Promise<number> {
  const progress = createProgress(process.stderr, flags.quiet);
  using interrupted = interruption('interrupted');
  const { signal } = interrupted;
  try {
    const config = await serverConfigOf(flags);
    await using api = openApi({
      host: flags.host,
      sign: signOf(config?.auth, flags.issuer),
      patience: flags.timeout,
      signal,
      onWait: createOnWait(progress),
    });
    const reports = await requestReports(references, {
      ...flags,
      api,
      registry: await registryFlagsOf(flags),
      scanner: config?.indexer.scanner as ScannerConfig | undefined,
      log: debugLog(flags),
      progress,
      signal,
    });
    progress.clear();
    const failed = reports.filter(({ error }) => error !== undefined);
    const [first] = failed;
    if (first !== undefined && !(flags.keepGoing && references.length > 1)) throw first.error;
    await writeServiceReports(flags.out, reports);
    for (const { reference, error } of failed) {
      process.stderr.write(`clairctl: ${printable(reference)}: ${printableLines(error?.message ?? '')}\n`);
    }
    return failed.length > 0 ? EXIT.error : EXIT.ok;
  } finally {
    progress.clear();
  }
}

/** Says what is waited for when that changes; that a server does its work is nothing special. */
function createOnWait({ show, note }: Progress): (what: string) => void {
  let said = '';
  return (what) => {
    if (what === INDEXING) return show(what);
    if (what !== said) note(`waiting: ${what}`);
    said = what;
    show(`${what} …`);
  };
}
