/** `clairctl doctor [IMAGE]`: asks once everything that Clair depends on, and says what to do about what does not work. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { defaultDataDir } from '../database/data-dir.ts';
import { configOf, type DatabaseOptions } from '../database/database-options.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { addRegistryOptions, type RegistryFlagValues, registryFlagsOf } from '../flags/registry-options.ts';
import { EXIT } from '../policy/exit-code.ts';
import { interruption } from '../terminal/interruption.ts';
import { printable } from '../terminal/printable.ts';
import { createProgress } from '../terminal/progress.ts';
import { writeText } from '../terminal/write-text.ts';
import { type DoctorCheck, type DoctorState, joinFailedFeeds } from './doctor-check.ts';

type Flags = RegistryFlagValues &
  Pick<DatabaseOptions, 'config' | 'db' | 'dataDir'> & {
    readonly set?: string[];
    readonly format: 'table' | 'json';
    readonly quiet: boolean;
  };

const HELP = `
Checks the configuration, proxies and certificates, the databases of --config or --db, otherwise the
embedded one, each address of the feeds (one HEAD request, or one byte), and the registry of IMAGE.
Loads and changes nothing.

Exit codes:
  0  everything works
  1  something does not work
  3  everything works, with warnings

Examples:
  clairctl doctor
  clairctl doctor --config /etc/clair/config.yaml registry.example.com/team/app:1
  clairctl doctor --set osv --format json`;

const append = (value: string, list: readonly string[] = []): string[] => [...list, value];

/** The command. */
export function doctorCommand(): Command {
  const command = commandWithEnvironment('doctor')
    .description('check feeds, databases, registry, proxies and certificates')
    .argument('[image]', 'an image, to check its registry')
    .addOption(
      new Option('--config <file>', 'Clair configuration file: its feeds and databases').env('CLAIR_CONF'),
    )
    .option('--db <dsn>', 'check this PostgreSQL instead of the databases of --config')
    .addOption(
      new Option('--data-dir <dir>', 'directory of the embedded database').default(
        defaultDataDir(process.env, process.getuid?.()),
      ),
    )
    .option('--set <name>', 'check only the upstream of this feed set or enricher; repeatable', append)
    .addOption(
      new Option('-f, --format <format>', 'output format')
        .choices(['table', 'json'])
        .default('table')
        .env('CLAIR_DOCTOR_FORMAT'),
    )
    .option('-q, --quiet', 'print only what does not work', false)
    .addHelpText('after', HELP);
  return addRegistryOptions(command).action(async (image: string | undefined, flags: Flags) => {
    using interrupted = interruption('interrupted');
    const progress = createProgress(process.stderr, flags.quiet || flags.format === 'json');
    const checks = await examine(image, flags, interrupted.signal, (text) => progress.show(text));
    progress.clear();
    await writeText(
      flags.format === 'json' ? `${JSON.stringify(asJson(checks))}\n` : asTable(checks, flags.quiet),
    );
    const worst = worstOf(checks);
    if (worst !== 'ok') process.exitCode = worst === 'failed' ? EXIT.error : EXIT.incomplete;
  });
}

async function examine(
  image: string | undefined,
  flags: Flags,
  signal: AbortSignal,
  show: (text: string) => void,
): Promise<DoctorCheck[]> {
  const config = await configOf(flags);
  const { checkSetNames, probeFeeds } = await import('./doctor-feeds.ts');
  const { checkDatabases, checkEnvironment, checkRegistry } = await import('./doctor-places.ts');
  const { createHttpClient } = await import('../../lib/http-client.ts');
  checkSetNames(flags.set ?? []);
  const checks: DoctorCheck[] = [];
  if (flags.config !== undefined) {
    checks.push({ kind: 'configuration', name: flags.config, state: 'ok', detail: 'is valid' });
  }
  checks.push(...checkEnvironment(process.env));
  if (flags.db !== undefined || flags.config !== undefined) {
    show('databases …');
    checks.push(...(await checkDatabases(config, flags.db)));
  } else {
    const { checkEmbedded } = await import('./doctor-embedded.ts');
    show('embedded database …');
    checks.push(await checkEmbedded(resolve(flags.dataDir), new Date()));
  }
  if (image !== undefined) {
    show(`${image} …`);
    const registry = await registryFlagsOf(flags);
    checks.push(await checkRegistry(image, { registry, env: process.env, signal }));
  }
  await using http = createHttpClient({ timeout: 20_000, backoff: 200 });
  const onProgress = (name: string): void => show(`feeds: ${name} …`);
  const now = (): Date => new Date();
  const only = flags.set && { only: flags.set };
  checks.push(...(await probeFeeds({ config: config.updaters, ...only, http, now, signal, onProgress })));
  return checks;
}

export function worstOf(checks: readonly DoctorCheck[]): DoctorState {
  const has = (state: DoctorState): boolean => checks.some((check) => check.state === state);
  return has('failed') ? 'failed' : has('warning') ? 'warning' : 'ok';
}

const STATES: readonly DoctorState[] = ['ok', 'warning', 'failed'];

function countsOf(checks: readonly DoctorCheck[]): Record<DoctorState, number> {
  const counts = STATES.map((state) => [state, checks.filter((check) => check.state === state).length]);
  return Object.fromEntries(counts) as Record<DoctorState, number>;
}

/** `{ok, warning, failed, checks}`. */
export function asJson(checks: readonly DoctorCheck[]): object {
  return { ...countsOf(checks), checks };
}

/** Feeds that work are one line, and so are many that fail alike; everything else has one each, with what to do below. */
export function asTable(checks: readonly DoctorCheck[], quiet = false): string {
  const working = checks.filter(({ kind, state }) => kind === 'feed' && state === 'ok');
  const feeds = checks.filter(({ kind }) => kind === 'feed').length;
  const shown = joinFailedFeeds(checks).filter((check) => !working.includes(check));
  if (working.length > 0) {
    const detail = `${working.length} of ${feeds} can be reached`;
    shown.push({ kind: 'feed', name: 'feeds', state: 'ok', detail });
  }
  const lines = shown
    .filter(({ state }) => !quiet || state !== 'ok')
    .flatMap(({ state, kind, name, detail, remedy }) => [
      `${state.padEnd(7)}  ${kind === 'feed' && name.endsWith('feeds') ? '' : `${kind} `}${printable(name)}: ${printable(detail)}`,
      ...(remedy === undefined ? [] : [`         ${printable(remedy)}`]),
    ]);
  const { ok, warning, failed } = countsOf(checks);
  const sum = `${ok} ok, ${warning} with warnings, ${failed} failed`;
  return `${[...lines, ...(quiet && lines.length === 0 ? [] : [sum])].join('\n')}\n`;
}
