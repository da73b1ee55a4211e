/** `clairctl scan TARGET`: one image in, one report out, no service needed. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { AppError } from '../errors.ts';
import { parseSeverity, SEVERITIES, type Severity } from '../model/severity.ts';
import { addDatabaseOptions, configOf, type DatabaseOptions } from './database-options.ts';
import { interruption } from './interruption.ts';
import { addOutputOptions, type OutputOptions, outputsOf } from './output-options.ts';
import { createProgress } from './progress.ts';
import { addRegistryOptions, type RegistryOptions, registryFlagsOf } from './registry-options.ts';
import { type ScanOptions, scan } from './scan.ts';

/** As commander gives them: what `scan` takes as it is, and how to find the rest. */
type Flags = DatabaseOptions &
  OutputOptions &
  RegistryOptions &
  Omit<ScanOptions, 'config' | 'database' | 'outputs' | 'registry' | 'progress' | 'signal'> & {
    readonly quiet: boolean;
  };

const EXAMPLES = `
TARGET is one of
  dir:PATH                 a directory with an unpacked system; dir:/ is this machine
  oci:PATH[:TAG]           an OCI image layout
  oci-archive:FILE         the same as a tar file
  docker-archive:FILE      what "docker save" writes
  sbom:FILE                CycloneDX or SPDX that somebody wrote of an image; sbom:- is stdin
  REGISTRY/NAME[:TAG]      an image in a registry
  PATH                     any of the first five, recognised by what it holds

Exit codes
  0  everything was checked, nothing at or above --fail-on
  1  the scan could not be done
  2  something at or above --fail-on
  3  incomplete: a part of the image has no loaded feed

Examples
  clairctl scan debian:12
  clairctl scan --fail-on high --format table,sarif=scan.sarif,html=scan.html oci:build/image
  clairctl scan dir:/`;

export function scanCommand(): Command {
  const command = new Command('scan')
    .description('find the known vulnerabilities of one image')
    .argument('[target]', 'what to scan (env: CLAIR_TARGET)')
    .addOption(
      new Option('--update <when>', 'fetch feeds: when they are missing or old, at every scan, or not at all')
        .choices(['auto', 'always', 'never'])
        .default('auto')
        .env('CLAIR_UPDATE'),
    )
    .option(
      '--fail-on <severity>',
      `exit with 2 at this severity or above: ${SEVERITIES.join(', ')}`,
      readSeverity,
    )
    .option('--platform <os/arch>', 'which image of a multi-platform one, e.g. linux/arm64')
    .option('--cross-mounts', 'dir: go into other file systems that are mounted below, too', false)
    .option('-q, --quiet', 'nothing on stderr but errors', false)
    .addHelpText('after', EXAMPLES)
    .exitOverride();
  addDatabaseOptions(addRegistryOptions(addOutputOptions(command))).action(
    async (given: string | undefined, flags: Flags) => {
      const target = given ?? process.env.CLAIR_TARGET;
      if (!target) throw new AppError('bad-target', 'no TARGET: see clairctl scan --help');
      const progress = createProgress(process.stderr, flags.quiet);
      using interrupted = interruption('interrupted');
      try {
        process.exitCode = await scan(target, {
          ...flags,
          config: await configOf(flags),
          database: flags,
          outputs: await outputsOf(flags),
          registry: await registryFlagsOf(flags),
          progress,
          signal: interrupted.signal,
        });
      } finally {
        progress.clear();
      }
    },
  );
  return command;
}

function readSeverity(text: string): Severity {
  const severity = parseSeverity(text);
  if (severity === undefined) throw new InvalidArgumentError(`want one of ${SEVERITIES.join(', ')}.`);
  return severity;
}
