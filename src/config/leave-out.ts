/**
 * What Clair is silent or lenient about: the files that it shipped have parts that no Clair used. They are left out, and told
 * with file and line; what would be dangerous to leave out, such as a part of `auth`, stays a mistake.
 */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { AppError, messageOf } from '../errors.ts';
import { transports } from '../transports/index.ts';
import type { TransportKind } from '../transports/kind.ts';
import { configuredTransports } from '../transports/sections.ts';
import type { Mode } from './clair-flags.ts';
import { type ConfigDocument, isObject, originOf, type Path } from './config-document.ts';
import type { Config } from './schema.ts';

export interface LeftOut {
  readonly path: Path;
  /** What is left out, and why. */
  readonly advice: string;
}

const KINDS: readonly TransportKind[] = transports;

/** Keys of published samples that no release of Clair v4 reads. */
const GONE: readonly Path[] = [['matcher', 'run']];

/** Addresses of other services, and the only mode that asks them. */
const ADDRESSES: readonly (readonly [Path, Mode])[] = [
  [['matcher', 'indexer_addr'], 'matcher'],
  [['matcher', 'notifier_addr'], 'matcher'],
  [['notifier', 'indexer_addr'], 'notifier'],
  [['notifier', 'matcher_addr'], 'notifier'],
];

/** Throws `bad-config` for the file of another major version of Clair. */
export function refuseOtherVersions(document: ConfigDocument, name: string): void {
  const inner = at(document.value, ['clair']);
  if (!isObject(inner) || !['database', 'api', 'updater', 'notifier'].some((key) => key in inner)) return;
  throw new AppError(
    'bad-config',
    `${originOf(document, ['clair']) ?? name}: clair: this is a configuration of Clair v2. Write one for v4: docs/how-to/migrate-from-clair.md#from-clair-v2`,
  );
}

/** The document that is read in `mode`: without what cannot work in it, and is not needed. */
export function leaveOut(
  document: ConfigDocument,
  mode: Mode,
): { readonly document: ConfigDocument; readonly leftOut: readonly LeftOut[] } {
  const leftOut = [...unused(document, mode)];
  if (leftOut.length === 0) return { document, leftOut };
  const value = structuredClone(document.value);
  for (const { path } of leftOut) {
    const parent = at(value, path.slice(0, -1));
    if (isObject(parent)) delete parent[String(path.at(-1))];
  }
  return { document: { ...document, value }, leftOut };
}

function* unused({ value }: ConfigDocument, mode: Mode): Generator<LeftOut> {
  for (const path of GONE) {
    if (at(value, path) !== undefined) yield { path, advice: 'has no effect in Clair v4 and is omitted' };
  }
  for (const [path, user] of ADDRESSES) {
    const address = at(value, path);
    if (mode === user || typeof address !== 'string' || /^(?:$|https?:\/\/)/.test(address)) continue;
    yield { path, advice: `is not a URL and is omitted: mode ${mode} does not use it` };
  }
  const notifier = at(value, ['notifier']);
  if (!isObject(notifier)) return;
  for (const { name, schema } of KINDS) {
    const settings = notifier[name];
    if (!isObject(settings)) continue;
    const missing = missingIn(schema.safeParse(settings), settings);
    if (missing.length === 0) continue;
    yield {
      path: ['notifier', name],
      advice: `is omitted, nothing is delivered there: without ${missing.join(' and ')} it cannot work`,
    };
  }
}

/** The keys whose absence is all that is wrong with `settings`; none if something else is. */
function missingIn(read: ReturnType<TransportKind['schema']['safeParse']>, settings: unknown): string[] {
  if (read.success) return [];
  const { issues } = read.error;
  const areMissing = issues.every(
    ({ code, path }) => code !== 'unrecognized_keys' && at(settings, path) === undefined,
  );
  return areMissing ? issues.map(({ path }) => path.map(String).join('.')) : [];
}

/**
 * `config` without targets that name a file which cannot be read, as long as another target remains: Clair delivers to one
 * only, and never opens the files of the others.
 */
export async function leaveOutTargets(
  config: Config,
): Promise<{ readonly config: Config; readonly leftOut: readonly LeftOut[] }> {
  const { notifier } = config;
  const configured = configuredTransports(notifier ?? {});
  if (notifier == null || configured.length < 2) return { config, leftOut: [] };
  const broken = await Promise.all(
    configured.map(async ({ kind, settings }) => {
      const reason = await unreadable(Object.values(kind.files?.(settings) ?? {}));
      return reason === undefined ? [] : [{ kind, reason }];
    }),
  );
  const all = broken.flat();
  if (all.length === 0 || all.length === configured.length) return { config, leftOut: [] };
  return {
    config: {
      ...config,
      notifier: { ...notifier, ...Object.fromEntries(all.map(({ kind }) => [kind.name, undefined])) },
    },
    leftOut: all.map(({ kind, reason }) => ({
      path: ['notifier', kind.name],
      advice: `is omitted, nothing is delivered there: ${reason}`,
    })),
  };
}

async function unreadable(paths: readonly (string | undefined)[]): Promise<string | undefined> {
  for (const path of paths) {
    if (!path) continue;
    try {
      await access(path, constants.R_OK);
    } catch (error) {
      return `${JSON.stringify(path)} cannot be read: ${messageOf(error)}`;
    }
  }
  return undefined;
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}
