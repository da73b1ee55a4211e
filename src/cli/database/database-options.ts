/** The flags by which commands find their database and configuration. */
import { type Command, Option } from 'commander';
import type { Config } from '../../config/schema.ts';
import { readDuration } from '../flags/read-duration.ts';
import { defaultDataDir } from './data-dir.ts';

/** An embedded server at rest takes about 90 MB with its keeper, and a second to start and stop. */
const LINGER_MS = 180_000;

export interface DatabaseOptions {
  readonly config?: string;
  readonly db?: string;
  readonly dataDir: string;
  /** How long the embedded server stays for the next command, in ms. */
  readonly dbLinger?: number;
  /** Whether steps are logged on stderr. */
  readonly debug?: boolean;
}

export function addDatabaseOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--config <file>',
        'Clair configuration file: its feeds and detectors; for db commands also its database',
      ).env('CLAIR_CONF'),
    )
    .addOption(new Option('--db <dsn>', 'use this PostgreSQL instead of the embedded one: URL or key=value'))
    .addOption(
      new Option('--data-dir <dir>', 'directory of the embedded database').default(
        defaultDataDir(process.env, process.getuid?.()),
      ),
    )
    .addOption(
      new Option(
        '--db-linger <duration>',
        'keep the embedded database running for the next command; 0: stop it',
      )
        .argParser(readDuration)
        .default(...defaultLinger(process.env)),
    );
}

/** Where jobs end, and with them all that they started, nothing stays behind: it would be killed, and not stopped. */
function defaultLinger(env: NodeJS.ProcessEnv): [value: number, shown: string] {
  return [env.CI || env.JENKINS_URL ? 0 : LINGER_MS, '3m; in CI 0'];
}

/** The configuration that was asked for, or the defaults. */
export async function configOf(options: DatabaseOptions): Promise<Config> {
  if (options.config === undefined) return (await import('../../config/schema.ts')).configSchema.parse({});
  const { loadConfig } = await import('../../config/load-config.ts');
  return (await loadConfig(options.config)).config;
}
