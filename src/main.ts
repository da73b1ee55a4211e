/** `clair`: the service. */
import { interruption } from './cli/terminal/interruption.ts';
import { checkMode } from './config/check-mode.ts';
import { type ClairFlags, parseClairFlags, USAGE } from './config/clair-flags.ts';
import { originOf } from './config/config-document.ts';
import { lintConfig } from './config/lint-config.ts';
import { loadConfig } from './config/load-config.ts';
import type { Config } from './config/schema.ts';
import { AppError, messageOf } from './errors.ts';
import { recordProfiles } from './introspection/profiles/profile-files.ts';
import { tellLastWords } from './lib/last-words.ts';
import { createLog, type Log, type LogLevel } from './lib/log.ts';
import { COMMIT, VERSION } from './lib/version.ts';
import { startService } from './service/start-service.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  let flags: ClairFlags;
  let start: Start;
  try {
    flags = parseClairFlags(process.argv.slice(2), process.env);
    if (flags.tell !== undefined) {
      process.stdout.write(
        flags.tell === 'usage' ? USAGE : `clair ${VERSION} ${COMMIT}`.trimEnd().concat('\n'),
      );
      return 0;
    }
    start = await prepare(flags);
  } catch (error) {
    process.stderr.write(`clair: ${messageOf(error)}\n`);
    return 2;
  }

  const { config, log } = start;
  tellLastWords((words) => log.fatal('uncaught error', { ...words }));
  using interrupted = interruption('stopped');
  try {
    await checkMode(config, flags.mode);
    await using _profiles = await recordProfiles(flags, log);
    await startService({
      config,
      mode: flags.mode,
      log,
      signal: interrupted.signal,
      now: () => new Date(),
      heapIsTaken: flags.memprofile !== undefined,
    });
    log.info('stopped');
    return 0;
  } catch (error) {
    log.fatal('fatal error', {
      reason: messageOf(error),
      ...(!(error instanceof AppError) && error instanceof Error && { stack: error.stack }),
    });
    return 1;
  }
}

interface Start {
  readonly config: Config;
  readonly log: Log;
}

/**
 * Reads the configuration, and says what there is to say of it. Apart from `main`, which lives as long as the process:
 * nothing that it holds should have the configuration as written, with its secrets.
 */
async function prepare({ conf, mode }: ClairFlags): Promise<Start> {
  const { config, document, deprecations, leftOut } = await loadConfig(conf, mode);
  const isProse = config.log_level === 'debug-color';
  const log = createLog(logLevel(config), {
    prose: isProse,
    color: isProse && process.stderr.isTTY && !process.env.NO_COLOR,
  });
  for (const advice of deprecations) log.warn('deprecated configuration', { advice });
  for (const advice of leftOut) log.warn('a part of the configuration is omitted', { advice });
  for (const { key, advice } of lintConfig(config, mode, process.env)) {
    const at = originOf(document, key.split('.'));
    log.info('configuration lint', { key, advice, ...(at !== undefined && { at }) });
  }
  return { config, log };
}

function logLevel({ log_level: level }: Config): LogLevel {
  switch (level) {
    case 'debug-color':
      return 'debug';
    case 'panic':
      return 'fatal';
    default:
      return level;
  }
}
