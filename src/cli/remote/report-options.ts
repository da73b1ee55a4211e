/** The flags of `report`. */

import { type Command, Option } from 'commander';
import { readDuration } from '../flags/read-duration.ts';
import { addRegistryOptions, type RegistryFlagValues } from '../flags/registry-options.ts';
import { type ApiFlags, addApiOptions } from './api-options.ts';

/** Forms of what `report` prints. */
const REPORT_FORMATS = ['text', 'json', 'xml'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Clair's `clairctl` takes this image of an index, whatever machine it runs on. */
export const PLATFORM = 'linux/amd64';

export type ReportFlags = ApiFlags &
  RegistryFlagValues & {
    readonly out: ReportFormat;
    readonly keepGoing: boolean;
    readonly novel: boolean;
    readonly local?: boolean;
    readonly platform?: string;
    readonly timeout: number;
  };

export function addReportOptions(command: Command): Command {
  command
    .addOption(
      new Option('-o, --out <format>', 'output format')
        .choices(REPORT_FORMATS)
        .default('text')
        .env('CLAIR_REPORT_OUT'),
    )
    .addOption(new Option('-k, --keep-going', 'continue after an error').default(false))
    .addOption(new Option('--novel', 'submit only manifests that Clair has not indexed').default(false))
    .addOption(new Option('--local', 'index the image on this machine and send the index report'))
    .addOption(new Option('--no-local', 'never index on this machine, even if Clair cannot fetch the layers'))
    .addOption(platformOption())
    .addOption(
      new Option('--timeout <duration>', 'time to wait for a Clair that is busy or not ready')
        .argParser(readDuration)
        .default(10 * 60_000, '10m'),
    );
  return addRegistryOptions(addApiOptions(command));
}

/** `--platform` of what talks to registries for a Clair. */
export function platformOption(): Option {
  const about = `platform of a multi-platform image (default: ${PLATFORM})`;
  return new Option('--platform <os/arch>', about);
}
