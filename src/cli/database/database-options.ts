/** The flags by which commands find their database and configuration. */
import { type Command, Option } from 'commander';
import type { Config } from '../../config/schema.ts';
import { defaultDataDir } from './data-dir.ts';

export interface DatabaseOptions {
  readonly config?: string;
  readonly db?: string;
  readonly dataDir: string;
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
    );
}

/** The configuration that was asked for, or the defaults. */
export async function configOf(options: DatabaseOptions): Promise<Config> {
  if (options.config === undefined) return (await import('../../config/schema.ts')).configSchema.parse({});
  const { loadConfig } = await import('../../config/load-config.ts');
  return (await loadConfig(options.config)).config;
}
