/** `clair`: the service. */
import { interruption } from './cli/terminal/interruption.ts';
import { checkMode } from './config/check-mode.ts';
import { type ClairFlags, parseClairFlags, USAGE } from './config/clair-flags.ts';
import { lintConfig } from './config/lint-config.ts';
import { type LoadedConfig, loadConfig } from './config/load-config.ts';
import type { Config } from './config/schema.ts';
import { AppError, messageOf } from './errors.ts';
import { recordProfiles } from './introspection/profiles/profile-files.ts';
import { createLog, type LogLevel } from './lib/log.ts';
import { COMMIT, VERSION } from './lib/version.ts';
import { startService } from './service/start-service.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  let loaded: LoadedConfig;
  let flags: ClairFlags;
  try {
    flags = parseClairFlags(process.argv.slice(2), process.env);
    if (flags.tell !== undefined) {
      process.stdout.write(
        flags.tell === 'usage' ? USAGE : `clair ${VERSION} ${COMMIT}`.trimEnd().concat('\n'),
      );
      return 0;
    }
    loaded = await loadConfig(flags.conf);
  } catch (error) {
    process.stderr.write(`clair: ${messageOf(error)}\n`);
    return 2;
  }

  const { config, deprecations } = loaded;
  const { mode } = flags;
  const level = logLevel(config);
  const isProse = config.log_level === 'debug-color';
  const log = createLog(level, {
    prose: isProse,
    color: isProse && process.stderr.isTTY && !process.env.NO_COLOR,
  });
  for (const advice of deprecations) log.warn('deprecated configuration', { advice });
  for (const { key, advice } of lintConfig(config, mode, process.env)) {
    log.info('configuration lint', { key, advice });
  }
  using interrupted = interruption('stopped');
  try {
    await checkMode(config, mode);
    await using _profiles = await recordProfiles(flags, log);
    await startService({
      config,
      mode,
      log,
      signal: interrupted.signal,
      now: () => new Date(),
      heapIsTaken: flags.memprofile !== undefined,
    });
    log.info('stopped');
    return 0;
  } catch (error) {
    // Who wants no log still wants to know why there is no service.
    if (level === 'silent') process.stderr.write(`clair: ${messageOf(error)}\n`);
    log.error('fatal error', {
      reason: messageOf(error),
      ...(!(error instanceof AppError) && error instanceof Error && { stack: error.stack }),
    });
    return 1;
  }
}

function logLevel({ log_level: level }: Config): LogLevel {
  switch (level) {
    case 'debug-color':
      return 'debug';
    case 'fatal':
    case 'panic':
      return 'silent';
    default:
      return level;
  }
}
