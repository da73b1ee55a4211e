/** The flags of `clair`, in Go's syntax: `-x v`, `-x=v`, `--x v`. */
import { AppError } from '../errors.ts';

const MODES = ['combo', 'indexer', 'matcher', 'notifier'] as const;
export type Mode = (typeof MODES)[number];

export interface ClairFlags {
  readonly conf: string;
  readonly mode: Mode;
  readonly help: boolean;
}

export const USAGE = `Usage of clair:
  -conf string
    	path of the configuration file, .yaml or .json (env CLAIR_CONF)
  -mode string
    	combo (the default), indexer, matcher or notifier (env CLAIR_MODE)
`;

/** Throws `bad-config` for an unknown flag or mode, or where no configuration is named. */
export function parseClairFlags(args: readonly string[], env: NodeJS.ProcessEnv): ClairFlags {
  let conf = env.CLAIR_CONF;
  let mode = env.CLAIR_MODE ?? 'combo';
  for (let i = 0; i < args.length; i++) {
    const [, name, , inline] = /^--?([a-z]+)(=(.*))?$/s.exec(args[i] ?? '') ?? [];
    if (name === 'h' || name === 'help') return { conf: '', mode: 'combo', help: true };
    if (name !== 'conf' && name !== 'config' && name !== 'mode') {
      throw new AppError('bad-config', `unknown argument ${JSON.stringify(args[i])}: see clair -help`);
    }
    const value = inline ?? args[++i];
    if (value === undefined) throw new AppError('bad-config', `flag -${name} needs a value`);
    if (name === 'mode') mode = value;
    else conf = value;
  }
  if (!conf) throw new AppError('bad-config', 'no configuration: give -conf FILE, or set CLAIR_CONF');
  const known = MODES.find((candidate) => candidate === mode.toLowerCase());
  if (known === undefined) {
    throw new AppError('bad-config', `unknown mode ${JSON.stringify(mode)}: want one of ${MODES.join(', ')}`);
  }
  return { conf, mode: known, help: false };
}
