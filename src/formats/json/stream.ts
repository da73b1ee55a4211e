/**
 * Reads the members of one object or array inside a JSON text of any size, one by one.
 * Only brackets and strings are looked at on the way; `JSON.parse` sees one member at a time.
 */
import { AppError } from '../../errors.ts';

/** One entry of an object (by its key) or of an array (by its index). */
export interface JsonMember {
  readonly key: string | number;
  /** As it is written; undefined: longer than 64 MiB. */
  readonly bytes: Buffer | undefined;
  /** undefined: the member is no JSON, or longer than 64 MiB. Parsed when it is asked for. */
  readonly value: unknown;
}

const MAX_MEMBER = 64 * 1024 * 1024;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** The container that is asked for, or one on the way to it. */
interface Container {
  readonly isArray: boolean;
  /** Of the member being read; undefined in an object before the colon. */
  key: string | number | undefined;
}

/**
 * The members of the object or array that is found by following the keys of `path` from the root.
 * Throws `feed` if there is none, or if the text ends before its brackets do.
 */
export async function* jsonMembers(
  chunks: AsyncIterable<Uint8Array>,
  path: readonly string[],
): AsyncGenerator<JsonMember, void, void> {
  const route: Container[] = []; // what is seen at depth === route.length belongs to the last of these
  const text = new Collected(); // of the key or member being read
  let depth = 0;
  let inString = false;
  let escaped = false;
  let found = false;

  for await (const chunk of chunks) {
    let start = 0; // where in this chunk the key or member goes on
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (inString || byte === QUOTE) {
        at = stringEnd(chunk, inString ? at + Number(escaped) : at + 1);
        inString = at >= chunk.length;
        escaped = at > chunk.length;
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        if (depth === route.length && !found && leadsOn(route, path)) {
          route.push({ isArray: byte === OPEN_ARRAY, key: byte === OPEN_ARRAY ? 0 : undefined });
          found = route.length > path.length;
          text.clear();
          start = at + 1;
        }
        depth++;
      } else if (byte === COMMA || byte === COLON || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        const container = depth === route.length ? route.at(-1) : undefined;
        if (container !== undefined) {
          if (isWanted(container, route, path)) text.add(chunk.subarray(start, at));
          start = at + 1;
          if (byte === COLON) {
            if (container.isArray || container.key !== undefined)
              throw malformed('a colon is not behind a key');
            container.key = keyOf(text);
          } else {
            const { key } = container;
            const isNone = byte !== COMMA && text.isBlank();
            if (key === undefined && !isNone) throw malformed('a member has no key');
            if (route.length > path.length && key !== undefined && !isNone) yield memberOf(key, text.bytes());
            container.key = typeof key === 'number' ? key + 1 : undefined;
          }
          text.clear();
        }
        if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
          if (container !== undefined) route.pop();
          depth--;
          if (depth < 0) throw malformed('a bracket closes that was not opened');
        }
      }
    }
    const container = route.at(-1);
    if (container !== undefined && isWanted(container, route, path)) text.add(chunk.subarray(start));
  }
  if (depth > 0 || inString) throw new AppError('feed', 'the JSON ends in the middle');
  if (!found) throw new AppError('feed', `the JSON has no object or array at "${path.join('.')}"`);
}

/** Where the string that is open at `at` ends; the chunk's length if not in it, one more if that ends with a backslash. */
function stringEnd(chunk: Uint8Array, at: number): number {
  while (at < chunk.length) {
    const byte = chunk[at]!;
    if (byte === QUOTE) return at;
    at += byte === BACKSLASH ? 2 : 1;
  }
  return at;
}

function leadsOn(route: readonly Container[], path: readonly string[]): boolean {
  const inside = route.at(-1);
  return inside === undefined || (inside.key !== undefined && String(inside.key) === path[route.length - 1]);
}

/** Keys are wanted all the way, members only of the container that is asked for. */
function isWanted(container: Container, route: readonly Container[], path: readonly string[]): boolean {
  return route.length > path.length || container.key === undefined;
}

function keyOf(text: Collected): string {
  const key = parse(text.bytes());
  if (typeof key !== 'string') throw malformed('a key is no string');
  return key;
}

function memberOf(key: string | number, bytes: Buffer | undefined): JsonMember {
  return {
    key,
    bytes,
    get value() {
      return parse(bytes);
    },
  };
}

function parse(bytes: Buffer | undefined): unknown {
  try {
    return bytes && JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

function malformed(how: string): AppError {
  return new AppError('feed', `malformed JSON: ${how}`);
}

/** The bytes of one key or member, from as many chunks as it takes. */
class Collected {
  private parts: Uint8Array[] = [];
  private length = 0;

  add(part: Uint8Array): void {
    if (part.length === 0) return;
    this.length += part.length;
    if (this.length <= MAX_MEMBER) this.parts.push(part);
    else this.parts = [];
  }

  clear(): void {
    this.parts = [];
    this.length = 0;
  }

  isBlank(): boolean {
    return this.length < 1024 && Buffer.concat(this.parts).toString().trim() === '';
  }

  bytes(): Buffer | undefined {
    return this.length > MAX_MEMBER ? undefined : Buffer.concat(this.parts);
  }
}
