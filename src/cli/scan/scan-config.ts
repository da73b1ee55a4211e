/** Defaults of flags from a file: `.clair.yaml` in the working directory, or what `--scan-config` names. */
import { readFile, stat } from 'node:fs/promises';
import { type Command, InvalidArgumentError, type Option } from 'commander';
import { type ConfigDocument, originOf, parseConfigDocument } from '../../config/config-document.ts';
import { AppError, messageOf } from '../../errors.ts';

export const DEFAULT_SCAN_CONFIG = '.clair.yaml';

const MAX_BYTES = 1024 * 1024;

/**
 * What a file that nobody named may say. It may come with whatever is being scanned: it must not write files, send logins
 * anywhere, or choose another database.
 */
const UNASKED: readonly string[] = [
  'severity',
  'fail-on',
  'exit-code',
  'only-fixed',
  'ignore-unfixed',
  'linked',
  'ignore-file',
  'vex',
  'show-suppressed',
  'sort',
  'top',
  'group',
  'format',
  'platform',
  'update',
];
/** Flags that make no sense in a file. */
const NEVER: readonly string[] = ['scan-config', 'password-stdin', 'help'];

/**
 * Sets the flags of `command` that neither the command line nor the environment sets; gives the file that was used.
 * Throws `bad-config` with file and line.
 */
export async function applyScanConfig(
  command: Command,
  path: string | undefined,
): Promise<string | undefined> {
  const isNamed = path !== undefined;
  const file = path ?? DEFAULT_SCAN_CONFIG;
  const text = await readText(file, isNamed);
  if (text === undefined) return undefined;
  const document = parseConfigDocument(text, file.endsWith('.json') ? '.json' : '.yaml', file);
  const { value } = document;
  if (value === undefined || value === null) return file;
  if (typeof value !== 'object' || Array.isArray(value))
    throw new AppError('bad-config', `${file}: expected flags without dashes, such as "fail-on: high"`);
  const lines = Object.entries(value).flatMap(([key, setting]) =>
    settle(command, document, { key, setting, isNamed }),
  );
  if (lines.length > 0) throw new AppError('bad-config', lines.join('\n'));
  return file;
}

interface Setting {
  readonly key: string;
  readonly setting: unknown;
  readonly isNamed: boolean;
}

/** Sets one flag; gives what is wrong with it. */
function settle(command: Command, document: ConfigDocument, { key, setting, isNamed }: Setting): string[] {
  const wrong = (what: string): string[] => [`${originOf(document, [key]) ?? ''}: ${key}: ${what}`];
  const named = command.options.filter(({ long }) => long === `--${key}`);
  const [option] = named;
  if (option === undefined || NEVER.includes(key)) {
    const known = command.options.flatMap(({ long, negate }) => (long && !negate ? long.slice(2) : []));
    const usable = known.filter((name) => !NEVER.includes(name));
    return wrong(`unknown setting. Available: ${usable.join(', ')}`);
  }
  if (!isNamed && !UNASKED.includes(key))
    return wrong(`it can only be set in a file that --scan-config names`);
  const attribute = option.attributeName();
  const source = command.getOptionValueSource(attribute);
  const isSet = source !== undefined && source !== 'default';
  try {
    const value = readSetting(option, setting);
    if (!isNamed && key === 'format' && writesFiles(value))
      return wrong('output files can only be named in a file that --scan-config names');
    if (!isSet) command.setOptionValueWithSource(attribute, value, 'config');
    return [];
  } catch (error) {
    if (error instanceof InvalidArgumentError || error instanceof TypeError) return wrong(messageOf(error));
    throw error;
  }
}

function readSetting(option: Option, setting: unknown): unknown {
  const shown = JSON.stringify(setting);
  if (option.isBoolean()) {
    if (typeof setting === 'boolean') return option.negate ? !setting : setting;
    throw new TypeError(`${shown} is not valid: expected true or false`);
  }
  if (setting === false && option.attributeName() === 'ignoreFile') return false;
  const texts = [setting].flat();
  if (texts.length === 0 || !texts.every((each) => typeof each === 'string' || typeof each === 'number'))
    throw new TypeError(
      `invalid value ${shown}: expected a string${option.parseArg ? ' or a list of strings' : ''}`,
    );
  if (option.parseArg === undefined) {
    if (texts.length > 1) throw new TypeError(`invalid value ${shown}: expected one string`);
    return String(texts[0]);
  }
  let value: unknown = option.defaultValue;
  for (const text of texts) value = option.parseArg(String(text), value as never);
  return value;
}

function writesFiles(value: unknown): boolean {
  return (
    Array.isArray(value) && value.some((each) => typeof each === 'object' && each !== null && 'file' in each)
  );
}

/** undefined: nobody named it, and it is not there. */
async function readText(file: string, isNamed: boolean): Promise<string | undefined> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new Error(`it is over ${MAX_BYTES >> 20} MiB`);
    return await readFile(file, 'utf8');
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (isMissing && !isNamed) return undefined;
    throw new AppError('bad-config', `cannot read the scan configuration ${file}: ${messageOf(cause)}`, {
      cause,
    });
  }
}
