/** The drop-in directory of a configuration: `config.yaml.d`, with merge patches and JSON patches in the order of their names. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { applyPatch, type Operation } from 'rfc6902';
import { AppError, messageOf } from '../errors.ts';
import { type ConfigDocument, type ConfigKind, isObject, originKey } from './config-document.ts';

/** The files that change the configuration at `path`: others in the directory are none of ours. */
export async function dropInsOf(path: string, kind: ConfigKind): Promise<string[]> {
  const directory = `${path}.d`;
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new AppError('bad-config', `cannot read drop-in directory ${directory}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return names
    .filter((name) => name.endsWith(kind) || isPatch(name, kind))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((name) => join(directory, name));
}

/** Whether a drop-in is a JSON patch (RFC 6902) rather than a merge patch (RFC 7386). */
export function isPatch(name: string, kind: ConfigKind): boolean {
  return name.endsWith(`${kind}-patch`);
}

/** RFC 7386: null deletes, objects merge, everything else replaces. */
export function mergeDocument(base: ConfigDocument, patch: ConfigDocument): ConfigDocument {
  if (patch.value === undefined) return base; // an empty file
  return {
    value: merge(base.value, patch.value),
    origins: new Map([...base.origins, ...patch.origins]),
  };
}

function merge(base: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(base) ? base : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, merge(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/** RFC 6902. Throws `bad-config` for what is no patch, or cannot be applied, or a `test` that fails. */
export function patchDocument(base: ConfigDocument, patch: ConfigDocument, name: string): ConfigDocument {
  if (!Array.isArray(patch.value) || patch.value.length === 0) {
    throw new AppError('bad-config', `${name}: not a JSON patch: expected a list of operations`);
  }
  const value = structuredClone(base.value ?? {});
  const origins = new Map(base.origins);
  for (const [index, operation] of (patch.value as Operation[]).entries()) {
    const at = patch.origins.get(originKey([index])) ?? name;
    const refuse = (reason: string): never => {
      throw new AppError('bad-config', `${at}: the patch cannot be applied: ${reason}`);
    };
    if (!isObject(operation) || typeof operation.op !== 'string' || typeof operation.path !== 'string') {
      return refuse('an operation needs op and path, e.g. {op: replace, path: /log_level, value: debug}');
    }
    if (operation.path === '' || operation.path.includes('__proto__')) {
      return refuse(`path ${JSON.stringify(operation.path)} cannot be changed`);
    }
    try {
      const [error] = applyPatch(value, [operation as Operation]);
      if (error) refuse(`${operation.op} ${operation.path}: ${error.message || error.name}`);
    } catch (error) {
      if (error instanceof AppError) throw error;
      refuse(messageOf(error));
    }
    origins.set(originKey(operation.path.split('/').slice(1).map(unescapeToken)), at);
  }
  return { value, origins };
}

/** RFC 6901 */
function unescapeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
