/** The flags of `report`. */

import { type Command, Option } from 'commander';
import { readDuration } from '../flags/read-duration.ts';
import { addRegistryOptions, type RegistryFlagValues } from '../flags/registry-options.ts';
import { type ApiFlags, addApiOptions } from './api-options.ts';

/** Forms of what `report` prints. */
export const REPORT_FORMATS = ['text', 'json', 'xml'] as const;
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
    .addOption(new Option('-k, --keep-going', "don't stop at the first error").default(false))
    .addOption(new Option('--novel', 'only upload novel manifests').default(false))
    .addOption(new Option('--local', 'read the image here and send what is in it'))
    .addOption(new Option('--no-local', 'never do so, even if the server cannot fetch it'))
    .addOption(platformOption())
    .addOption(
      new Option('--timeout <duration>', 'wait so long for a server that is busy or not ready')
        .argParser(readDuration)
        .default(10 * 60_000, '10m'),
    );
  return addRegistryOptions(addApiOptions(command));
}

/** `--platform` of what talks to registries for a Clair. */
export function platformOption(): Option {
  const about = `which image of a multi-platform one (default: ${PLATFORM})`;
  return new Option('--platform <os/arch>', about);
}
