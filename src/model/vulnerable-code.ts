/** Which code an advisory says is vulnerable, and the way into JSON and back. */
import { isObject } from './json-object.ts';

/** A package, and what of it is vulnerable. */
export interface VulnerablePackage {
  /** As it is imported: `golang.org/x/net/http2`; of a crate its name. */
  readonly path: string;
  /** Functions, and methods as `Type.Method`; []: all of them. */
  readonly symbols: readonly string[];
  /** Systems and architectures that it is vulnerable on; undefined: all. */
  readonly os?: readonly string[];
  readonly arch?: readonly string[];
}

/** All that is vulnerable; never empty: an advisory that does not say has none. */
export type VulnerableCode = readonly VulnerablePackage[];

/** The longest record of the Go vulnerability database has 20 KB of it. */
const MOST_PACKAGES = 2000;
const MOST_SYMBOLS = 20_000;
const MOST_LENGTH = 1000;

/**
 * Reads a list of `{path, symbols, goos, goarch}`, the form of the Go vulnerability database. undefined if any of it cannot be read,
 * names nothing, or exceeds a limit: nothing is known then.
 */
export function readVulnerableCode(json: unknown): VulnerableCode | undefined {
  if (!Array.isArray(json) || json.length === 0 || json.length > MOST_PACKAGES) return undefined;
  const code: VulnerablePackage[] = [];
  let count = 0;
  for (const each of json as unknown[]) {
    if (!isObject(each)) return undefined;
    const [path] = namesIn([each.path]) ?? [];
    const [symbols, os, arch] = [each.symbols, each.goos, each.goarch].map((list) => namesIn(list ?? []));
    if (!path || symbols === undefined || os === undefined || arch === undefined) return undefined;
    count += symbols.length;
    if (count > MOST_SYMBOLS) return undefined;
    code.push({ path, symbols, ...(os.length > 0 && { os }), ...(arch.length > 0 && { arch }) });
  }
  return code;
}

/** Reads the text of such a list, as the store keeps it; undefined for null, and for what cannot be read. */
export function parseVulnerableCode(text: string | null): VulnerableCode | undefined {
  if (text === null) return undefined;
  try {
    return readVulnerableCode(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Writes what `readVulnerableCode` reads. */
export function writeVulnerableCode(code: VulnerableCode): Record<string, unknown>[] {
  return code.map(({ path, symbols, os, arch }) => ({
    path,
    ...(symbols.length > 0 && { symbols }),
    ...(os && { goos: os }),
    ...(arch && { goarch: arch }),
  }));
}

/** Joins what two statements of one advisory say; if one of them does not say, nothing is known. */
export function joinVulnerableCode(
  one: VulnerableCode | undefined,
  other: VulnerableCode | undefined,
): VulnerableCode | undefined {
  return one && other && [...one, ...other];
}

function namesIn(value: unknown): string[] | undefined {
  if (!Array.isArray(value) || value.length > MOST_SYMBOLS) return undefined;
  const names: string[] = [];
  for (const name of value as unknown[]) {
    // PostgreSQL stores no NUL, and UTF-8 has no lone surrogates.
    if (typeof name !== 'string' || name.length > MOST_LENGTH || name.includes('\0')) return undefined;
    names.push(name.toWellFormed());
  }
  return names;
}
