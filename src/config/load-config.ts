/** Reads a configuration file. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { AppError, messageOf } from '../errors.ts';
import { type Config, configSchema } from './schema.ts';

/**
 * The configuration in the `.yaml` or `.json` file at `path`, with defaults.
 * Throws `bad-config` with the path of every wrong key.
 */
export async function loadConfig(path: string): Promise<Config> {
  const kind = extname(path);
  if (kind !== '.yaml' && kind !== '.json') {
    throw new AppError(
      'bad-config',
      `unknown config kind ${JSON.stringify(kind)} of ${path}: want .yaml or .json`,
    );
  }
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new AppError('bad-config', `error reading file ${JSON.stringify(path)}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return parseConfig(text, kind, path);
}

/** The same for a text at hand; `name` is what messages call it. */
export function parseConfig(text: string, kind: '.yaml' | '.json', name: string): Config {
  let value: unknown;
  try {
    value = kind === '.yaml' ? parseYaml(text) : JSON.parse(text);
  } catch (error) {
    throw new AppError('bad-config', `malformed file ${JSON.stringify(name)}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const parsed = configSchema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => {
    const at = issue.path.join('.') || '(root)';
    return `${at}: ${issue.message}`;
  });
  throw new AppError('bad-config', `error decoding config ${JSON.stringify(name)}: ${issues.join('; ')}`);
}
