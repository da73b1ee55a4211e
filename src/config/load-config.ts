/** Reads a configuration file with its drop-ins. */
import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { AppError, messageOf } from '../errors.ts';
import type { Mode } from './clair-flags.ts';
import {
  CONFIG_LIMIT,
  type ConfigDocument,
  type ConfigKind,
  originOf,
  parseConfigDocument,
} from './config-document.ts';
import { renameKeys } from './config-keys.ts';
import { decodeConfig } from './decode-config.ts';
import { dropInsOf, isPatch, mergeDocument, patchDocument } from './drop-ins.ts';
import { type LeftOut, leaveOut, leaveOutTargets, refuseOtherVersions } from './leave-out.ts';
import { type Config, configSchema } from './schema.ts';

export interface LoadedConfig {
  readonly config: Config;
  /** As written, with drop-ins, without defaults. */
  readonly document: ConfigDocument;
  /** Keys that are read, but should be written otherwise: a line for each. */
  readonly deprecations: readonly string[];
  /** Keys that are not read, though somebody may count on them: a line for each, with file and line. */
  readonly leftOut: readonly string[];
}

/**
 * The configuration in the `.yaml` or `.json` file at `path` with its drop-ins, and with defaults, as `mode` reads it.
 * Throws `bad-config`: a line for each mistake.
 */
export async function loadConfig(path: string, mode: Mode = 'combo'): Promise<LoadedConfig> {
  const kind = extname(path);
  if (kind !== '.yaml' && kind !== '.json') {
    throw new AppError(
      'bad-config',
      `unknown config kind ${JSON.stringify(kind)} of ${path}: expected .yaml or .json`,
    );
  }
  let document = parseConfigDocument(await readText(path), kind, path);
  for (const dropIn of await dropInsOf(path, kind)) {
    const change = parseConfigDocument(await readText(dropIn), kind, dropIn);
    document = isPatch(dropIn, kind)
      ? patchDocument(document, change, dropIn)
      : mergeDocument(document, change);
  }
  const loaded = decode(document, path, mode);
  const { config, leftOut } = await leaveOutTargets(loaded.config);
  return { ...loaded, config, leftOut: [...loaded.leftOut, ...linesOf(leftOut, loaded.document, path)] };
}

/** The same for a text at hand; `name` is what messages call it. Names of files in it are not looked at. */
export function parseConfig(
  text: string,
  kind: ConfigKind,
  name: string,
  mode: Mode = 'combo',
): LoadedConfig {
  return decode(parseConfigDocument(text, kind, name), name, mode);
}

function linesOf(leftOut: readonly LeftOut[], document: ConfigDocument, name: string): string[] {
  return leftOut.map(
    ({ path, advice }) => `${originOf(document, path) ?? name}: ${path.map(String).join('.')}: ${advice}`,
  );
}

function decode(written: ConfigDocument, name: string, mode: Mode): LoadedConfig {
  refuseOtherVersions(written, name);
  const { document, renamed } = renameKeys(written, configSchema);
  const read = leaveOut(document, mode);
  return {
    config: decodeConfig(read.document, name),
    document,
    leftOut: linesOf(read.leftOut, document, name),
    deprecations: renamed.map(
      ({ from, to, origin = name }) =>
        `${origin}: ${from.map(String).join('.')}: write ${to.map(String).join('.')}`,
    ),
  };
}

async function readText(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    if (size > CONFIG_LIMIT) throw new Error(`it exceeds ${CONFIG_LIMIT} bytes. Check the file name`);
    return await file.readFile('utf8');
  } catch (error) {
    throw new AppError('bad-config', `error reading file ${JSON.stringify(path)}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
