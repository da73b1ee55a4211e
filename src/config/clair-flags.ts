/** The flags of `clair`, in Go's syntax: `-x v`, `-x=v`, `--x v`. */
import { AppError } from '../errors.ts';

const MODES = ['combo', 'indexer', 'matcher', 'notifier'] as const;
export type Mode = (typeof MODES)[number];

export interface ClairFlags {
  readonly conf: string;
  readonly mode: Mode;
  /** Print that, and nothing else. */
  readonly tell: 'usage' | 'version' | undefined;
  /** Files for profiles of the whole run. */
  readonly cpuprofile?: string;
  readonly memprofile?: string;
}

export const USAGE = `Usage of clair:
  -conf string
    	path of the configuration file, .yaml or .json (env CLAIR_CONF)
  -mode string
    	combo (the default), indexer, matcher or notifier (env CLAIR_MODE)
  -cpuprofile string
    	write a CPU profile to this file at exit (.cpuprofile)
  -memprofile string
    	write a heap profile to this file at exit (.heapprofile)
  -version
    	print the version
`;

const WITH_VALUE = ['conf', 'config', 'mode', 'cpuprofile', 'memprofile'];

/** Throws `bad-config` for an unknown flag or mode, or where no configuration is named. */
export function parseClairFlags(args: readonly string[], env: NodeJS.ProcessEnv): ClairFlags {
  const given = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const [, name = '', , inline] = /^--?([a-z]+)(=(.*))?$/s.exec(args[i] ?? '') ?? [];
    if (name === 'h' || name === 'help') return { conf: '', mode: 'combo', tell: 'usage' };
    if (name === 'version') return { conf: '', mode: 'combo', tell: 'version' };
    if (!WITH_VALUE.includes(name)) {
      throw new AppError(
        'bad-config',
        `unknown argument ${JSON.stringify(args[i])}. List flags with "clair -help"`,
      );
    }
    const value = inline ?? args[++i];
    if (value === undefined) throw new AppError('bad-config', `flag -${name} requires a value`);
    given.set(name === 'config' ? 'conf' : name, value);
  }
  const conf = given.get('conf') ?? env.CLAIR_CONF;
  const mode = given.get('mode') ?? env.CLAIR_MODE ?? 'combo';
  if (!conf)
    throw new AppError(
      'bad-config',
      'no configuration file given. Use -conf FILE or set CLAIR_CONF. Example: config.yaml.sample',
    );
  const known = MODES.find((candidate) => candidate === mode.toLowerCase());
  if (known === undefined) {
    throw new AppError(
      'bad-config',
      `unknown mode ${JSON.stringify(mode)}: expected one of ${MODES.join(', ')}`,
    );
  }
  const [cpuprofile, memprofile] = [given.get('cpuprofile'), given.get('memprofile')];
  return {
    conf,
    mode: known,
    tell: undefined,
    ...(cpuprofile !== undefined && { cpuprofile }),
    ...(memprofile !== undefined && { memprofile }),
  };
}
