/** `clairctl check-config FILE…`: whether a service would start with a configuration, and what drop-ins make of it. */
import { type Command, Option } from 'commander';
import { stringify } from 'yaml';
import { checkMode } from '../../config/check-mode.ts';
import type { Mode } from '../../config/clair-flags.ts';
import { originOf } from '../../config/config-document.ts';
import { lintConfig } from '../../config/lint-config.ts';
import { type LoadedConfig, loadConfig } from '../../config/load-config.ts';
import { AppError } from '../../errors.ts';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { EXIT } from '../policy/exit-code.ts';
import { printableLines } from '../terminal/printable.ts';
import { writeText } from '../terminal/write-text.ts';
import { hideSecrets } from './hide-secrets.ts';

interface Flags {
  readonly out: 'json' | 'yaml';
  readonly mode: Mode;
  readonly showSecrets: boolean;
  readonly quiet: boolean;
}

const HELP = `
Prints the configuration as written, merged with the drop-ins of FILE.d, without defaults. Errors
and warnings go to stderr with file and line.

Exit codes:
  0  all configurations are valid
  1  a configuration is not valid; it is not printed

Example:
  clairctl check-config --mode indexer /etc/clair/config.yaml`;

/** The command. */
// differs: checks what it prints, and fails where a service would not start; the order of keys is that of the file; empty
// values that no one wrote are omitted (clair-service.md#checking-a-configuration)
export function checkConfigCommand(): Command {
  return commandWithEnvironment('check-config')
    .description('validate configuration files and print the merged result')
    .argument('<file...>', 'configuration files (.yaml or .json)')
    .addOption(
      new Option('-o, --out <format>', 'output format')
        .choices(['json', 'yaml'])
        .default('json')
        .env('CLAIR_CHECK_CONFIG_OUT'),
    )
    .addOption(
      new Option('--mode <mode>', 'check the keys that this mode requires')
        .choices(['combo', 'indexer', 'matcher', 'notifier'])
        .default('combo'),
    )
    .addOption(new Option('--show-secrets', 'print keys and passwords instead of hiding them').default(false))
    .addOption(new Option('-q, --quiet', 'print only errors to stderr').default(false))
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: Flags) => {
      for (const file of files) {
        try {
          const loaded = await loadConfig(file, flags.mode);
          const text = show(loaded, flags);
          await writeText(files.length > 1 ? `# ${file}\n${text}` : text);
          await checkMode(loaded.config, flags.mode);
          if (!flags.quiet) for (const line of advice(loaded, flags.mode)) process.stderr.write(`${line}\n`);
        } catch (error) {
          if (!(error instanceof AppError) || error.code !== 'bad-config') throw error;
          process.stderr.write(`clairctl: ${file} is not valid:\n${printableLines(error.message)}\n`);
          process.exitCode = EXIT.error;
        }
      }
    });
}

// differs: keys and passwords are hidden unless they are requested (clair-service.md#checking-a-configuration)
function show({ document }: LoadedConfig, { out, showSecrets }: Flags): string {
  const whole = document.value ?? {};
  const value = showSecrets ? whole : hideSecrets(whole);
  return out === 'yaml' ? stringify(value) : `${JSON.stringify(value, undefined, '\t')}\n`;
}

function advice({ config, document, deprecations, leftOut }: LoadedConfig, mode: Mode): string[] {
  const lints = lintConfig(config, mode, process.env).map(({ key, advice }) => {
    const origin = originOf(document, key.split('.'));
    return origin === undefined ? `${key}: ${advice}` : `${origin}: ${key}: ${advice}`;
  });
  return [...deprecations, ...leftOut, ...lints].map((line) => `warning: ${printableLines(line)}`);
}
