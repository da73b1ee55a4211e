/** `clairctl scan TARGET`: one image in, one report out, no service needed. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { AppError } from '../../errors.ts';
import { addDatabaseOptions, configOf, type DatabaseOptions } from '../database/database-options.ts';
import {
  addPublishedOptions,
  type PublishedFlags,
  publishedSettings,
} from '../database/published-options.ts';
import type { UpdatePolicy } from '../database/update-feeds.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { readDuration } from '../flags/read-duration.ts';
import { addRegistryOptions, type RegistryFlagValues, registryFlagsOf } from '../flags/registry-options.ts';
import { ATTACHED, addPolicyOptions, type PolicyOptions, verdictsOf } from '../policy/policy-options.ts';
import { interruption } from '../terminal/interruption.ts';
import { type ProgressFlags, progressOf, progressOption } from '../terminal/progress-option.ts';
import { ATTACH_KINDS, type AttachKind } from './attach.ts';
import type { AttachedFlags } from './attached-documents.ts';
import { addOutputOptions, type OutputOptions, outputsOf } from './output-options.ts';
import type { ScanOptions } from './scan.ts';
import { applyScanConfig, DEFAULT_SCAN_CONFIG } from './scan-config.ts';

/** As commander gives them: what `scan` takes as it is, and how to find the rest. */
type Flags = DatabaseOptions &
  OutputOptions &
  PolicyOptions &
  RegistryFlagValues &
  TargetFlags &
  AttachedFlags &
  Pick<ScanOptions, 'feeds'> & {
    readonly scanConfig?: string;
    readonly timeout?: number;
    readonly attach?: readonly AttachKind[];
  };

/** How a target is had. */
export type TargetFlags = Pick<ScanOptions, 'update' | 'platform' | 'crossMounts' | 'from'> &
  ProgressFlags &
  PublishedFlags;

const EXAMPLES = `
Targets (env CLAIR_TARGET):
  NAME[:TAG] (Docker or Podman on this machine, otherwise a registry), docker:, podman: or
  containerd:NAME, docker://NAME (a registry), dir:PATH, oci:PATH[:TAG], oci-archive:FILE,
  docker-archive:FILE, sbom:FILE (-: stdin), pkg:TYPE/NAME@VERSION, purl:FILE, or a PATH
Exit codes: 0 checked, gate passed; 1 not done; 2 gate failed; 3 incomplete.
Options of other scanners: clairctl words

Examples:
  clairctl scan debian:12
  clairctl scan --fail-on critical,kev,high+fixable --format table,sarif=scan.sarif oci:build/image
  clairctl scan --severity high+ --only-fixed --sbom-output app.spdx.json quay.io/projectquay/clair`;

export function scanCommand(): Command {
  const command = commandWithEnvironment('scan')
    .description('Scan an image, directory or SBOM for known vulnerabilities.')
    .argument('[target]')
    .addHelpText('after', EXAMPLES)
    .exitOverride();
  addImageOptions(command.optionsGroup('Target:')).addOption(
    new Option('--sbom-sources <list>', 'oci: scan the SBOM attached to the image').argParser(readSources),
  );
  addPolicyOptions(command.optionsGroup('Gate, filters and exceptions:'));
  addOutputOptions(command.optionsGroup('Output:'))
    .addOption(
      new Option('--attach <list>', `push reports as referrers: ${ATTACH_KINDS.join(', ')}`).argParser(
        readAttach,
      ),
    )
    .addOption(quietOption())
    .addOption(progressOption())
    .addOption(new Option('--no-progress', 'do not show progress on stderr'))
    .addOption(new Option('-D, --debug', 'print debug logs').default(false));
  addPublishedOptions(command.optionsGroup('Feeds and database:').addOption(updateOption()));
  addDatabaseOptions(
    command.option('--feeds <file>', 'use only this export of export-updaters (file, URL or -)'),
  );
  addRegistryOptions(command.optionsGroup('Registry:'));
  command
    .optionsGroup('Also:')
    .addOption(
      new Option('--timeout <duration>', 'fail if the scan takes longer, such as 5m').argParser(readDuration),
    )
    .addOption(
      new Option(
        '--scan-config <file>',
        `file with default flags (default: ${DEFAULT_SCAN_CONFIG}, if it exists)`,
      ),
    );
  return command.action(async (given: string | undefined) => {
    const file = await applyScanConfig(command, command.getOptionValue('scanConfig') as string | undefined);
    const flags = command.opts<Flags>();
    const target = targetOf(given, 'scan');
    const progress = progressOf(flags);
    if (file !== undefined) progress.note(`default flags: ${file}`);
    // At once: the engines take a moment to load, and a registry to answer.
    progress.show(`scanning ${target} …`);
    using interrupted = interruption('interrupted', flags.timeout);
    try {
      const { scan } = await import('./scan.ts'); // all engines
      const config = await configOf(flags);
      process.exitCode = await scan(target, {
        ...flags,
        update: policyOf(flags, target),
        config,
        published: await publishedSettings(flags, config),
        database: flags,
        outputs: await outputsOf(flags),
        verdicts: await verdictsOf(flags, progress, new Date()),
        registry: await registryFlagsOf(flags),
        attached: flags,
        attach: flags.attach ?? [],
        progress,
        signal: interrupted.signal,
      });
    } finally {
      progress.clear();
    }
  });
}

/** With `--feeds` nothing is fetched. Throws `bad-config` for what it cannot be combined with. */
function policyOf({ feeds, update, passwordStdin }: Flags, target: string): UpdatePolicy {
  if (feeds === undefined) return update;
  if (update === 'always' || update === 'upstream')
    throw new AppError('bad-config', `--feeds and --update ${update} exclude each other: remove one of them`);
  if (feeds === '-' && (target === 'sbom:-' || passwordStdin))
    throw new AppError('bad-config', 'only one of --feeds, target and password can be read from stdin');
  return 'never';
}

/** How a target is had and what is asked about it: also for other commands that look into an image. */
export function addTargetOptions(command: Command): Command {
  return addPublishedOptions(addImageOptions(command.addOption(updateOption())))
    .addOption(progressOption())
    .addOption(quietOption());
}

function addImageOptions(command: Command): Command {
  return command
    .addOption(new Option('--platform <os/arch>', 'platform of a multi-platform image, such as linux/arm64'))
    .addOption(
      new Option(
        '--from <source>',
        'what TARGET is: registry, docker, podman, containerd, oci, dir, sbom …',
      ).argParser(readSource),
    )
    .addOption(
      new Option('--cross-mounts', 'dir: include file systems mounted below the directory').default(false),
    );
}

function readSources(text: string): readonly string[] {
  const sources = text.split(',').map((each) => each.trim());
  const odd = sources.find((each) => each !== ATTACHED);
  if (odd !== undefined)
    throw new InvalidArgumentError(
      odd === 'rekor'
        ? 'logs of transparency are not asked; want oci.'
        : 'want oci: what is attached to the image.',
    );
  return sources;
}

function readAttach(text: string, before: readonly AttachKind[] = []): readonly AttachKind[] {
  const kinds = text.split(',').map((each) => each.trim());
  if (!kinds.every((each) => ATTACH_KINDS.some((kind) => kind === each)))
    throw new InvalidArgumentError(`want a list of ${ATTACH_KINDS.join(', ')}.`);
  return [...before, ...(kinds as AttachKind[])];
}

function readSource(text: string): string {
  if (!/^[a-z][a-z-]*$/.test(text))
    throw new InvalidArgumentError('expected a target kind such as registry, oci, dir or sbom.');
  return text;
}

export function updateOption(): Option {
  return new Option(
    '--update <when>',
    'auto (if older than the period: published database, else feeds), upstream, always or never',
  )
    .choices(['auto', 'upstream', 'always', 'never'])
    .default('auto');
}

function quietOption(): Option {
  return new Option('-q, --quiet', 'print only errors to stderr').default(false);
}

/** From the command line or the environment. Throws `bad-target`. */
export function targetOf(given: string | undefined, command: string): string {
  const target = given ?? process.env.CLAIR_TARGET;
  if (!target)
    throw new AppError(
      'bad-target',
      `no target given. Name an image, path or SBOM, for example: clairctl ${command}${command === 'explain' ? ' CVE-2023-38545' : ''} debian:12`,
    );
  return target;
}
