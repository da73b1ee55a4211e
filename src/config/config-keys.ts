/** Keys as they are meant: Clair reads them in any case, and its guides name some that it never had. */
import type { z } from 'zod';
import { transports } from '../transports/index.ts';
import type { TransportKind } from '../transports/kind.ts';
import { type ConfigDocument, isObject, originKey, type Path } from './config-document.ts';

export interface RenamedKeys {
  readonly document: ConfigDocument;
  /** One for each key that was written otherwise. */
  readonly renamed: readonly Renamed[];
}

export interface Renamed {
  readonly from: Path;
  readonly to: Path;
  /** Where it was written; undefined: by a patch. */
  readonly origin: string | undefined;
}

/** Keys of the published sample configuration that stand for others: `[as written, as read]`. */
const ALIASES: readonly (readonly [readonly string[], readonly string[]])[] = [
  [
    ['matcher', 'updater_sets'],
    ['updaters', 'sets'],
  ],
  ...transports.flatMap(({ name, aliases = [] }: TransportKind) =>
    aliases.map(
      ([from, to]) =>
        [
          ['notifier', name, ...from],
          ['notifier', name, ...to],
        ] as const,
    ),
  ),
];

/** The document with the names of `schema`. A key that the schema does not know stays as it is. */
export function renameKeys(document: ConfigDocument, schema: z.ZodType): RenamedKeys {
  const renamed: Renamed[] = [];
  const origins = new Map(document.origins);
  const value = inCaseOf(document.value, schema, [], (from, to) => {
    renamed.push({ from, to, origin: origins.get(originKey(from)) });
    moveOrigins(origins, from, to);
  });
  for (const [from, to] of ALIASES) {
    if (!move(value, from, to)) continue;
    renamed.push({ from, to, origin: origins.get(originKey(from)) });
    moveOrigins(origins, from, to);
  }
  return { document: { value, origins }, renamed };
}

function inCaseOf(
  value: unknown,
  schema: z.ZodType,
  path: Path,
  note: (from: Path, to: Path) => void,
): unknown {
  const shape = shapeOf(schema);
  if (shape === undefined || !isObject(value)) return value;
  const names = new Map(Object.keys(shape).map((name) => [name.toLowerCase(), name]));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = Object.hasOwn(shape, key) ? key : (names.get(key.toLowerCase()) ?? key);
      if (name !== key) note([...path, key], [...path, name]);
      const member = Object.hasOwn(shape, name) ? shape[name] : undefined;
      return [name, member === undefined ? inner : inCaseOf(inner, member, [...path, name], note)];
    }),
  );
}

/** The members of an object, whatever optional, nullable or default is around it. */
function shapeOf(schema: z.ZodType): Record<string, z.ZodType> | undefined {
  let inner = schema as z.ZodType & {
    def: { type: string; innerType?: z.ZodType; in?: z.ZodType };
    shape?: Record<string, z.ZodType>;
  };
  while (inner.shape === undefined) {
    const next = inner.def.innerType ?? inner.def.in;
    if (next === undefined) return undefined;
    inner = next as typeof inner;
  }
  return inner.shape;
}

/** Moves a member where it belongs, unless there is one. */
function move(root: unknown, from: readonly string[], to: readonly string[]): boolean {
  const source = at(root, from.slice(0, -1));
  const key = from.at(-1)!;
  if (!isObject(source) || !(key in source)) return false;
  let target = root;
  for (const name of to.slice(0, -1)) {
    if (!isObject(target)) return false;
    target[name] ??= {};
    target = target[name];
  }
  const name = to.at(-1)!;
  if (!isObject(target) || name in target) return false;
  target[name] = source[key];
  delete source[key];
  return true;
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

function moveOrigins(origins: Map<string, string>, from: Path, to: Path): void {
  const prefix = originKey(from);
  for (const [key, origin] of [...origins]) {
    if (key === prefix || key.startsWith(`${prefix}\0`)) {
      origins.set(originKey(to) + key.slice(prefix.length), origin);
    }
  }
}
