/** The flags that say how progress is shown. */
import { Option } from 'commander';
import { createProgress, type Progress, type ProgressStyle } from './progress.ts';

export interface ProgressFlags {
  readonly quiet: boolean;
  readonly progress: ProgressStyle;
}

export function progressOption(): Option {
  return new Option(
    '--progress <how>',
    'auto (a line that changes, on a terminal) or plain (a line each 10 s)',
  )
    .choices(['auto', 'plain'])
    .default('auto');
}

export function progressOf({ quiet, progress }: ProgressFlags): Progress {
  return createProgress(process.stderr, quiet, progress);
}
