/** Cuts big XML documents into elements as they are written: only markup is looked at, what is inside is read when asked for. */

/** Bounds of one record and of the nesting of the whole document. */
export interface XmlLimits {
  readonly depth: number;
  /** Elements in one record. */
  readonly elements: number;
  /** Characters of text and attributes in one record. */
  readonly characters: number;
}

/** Which elements are wanted, by the local names of their ancestors and their own. */
export type XmlPick = (ancestors: readonly string[], name: string) => boolean;

export interface XmlScanner {
  /** Takes more of the document, one character a byte, and gives the elements that ended in it. Throws if it is malformed. */
  push(chunk: string): string[];
  /** Throws if the document is not at its end. */
  end(): void;
}

/** Of one tag, comment or the like. */
const MAX_TOKEN = 16 * 1024 * 1024;
/** A record's source is longer than its text: by names, and by what entities stand for. */
const MARKUP = 8;

/** A byte order mark in UTF-8. */
const BOM = '\xef\xbb\xbf';
const SLASH = 0x2f;

export function xmlScanner(pick: XmlPick, limits: XmlLimits): XmlScanner {
  const open: string[] = []; // names of the open elements, as written
  const ancestors: string[] = []; // the same by local names, down to where a record begins
  let record = -1; // how many elements were open where the record began
  let parts: string[] = []; // of the record, from earlier chunks
  let length = 0; // of these
  let rest = '';
  let isStart = true;
  let hadRoot = false;

  const opens = (name: string): boolean => {
    if (open.length >= limits.depth) throw new Error(`nested deeper than ${limits.depth} elements`);
    if (open.length === 0 && hadRoot) throw new Error('something follows the document');
    hadRoot = true;
    const isPicked = record === -1 && pick(ancestors, localName(name));
    if (isPicked) record = open.length;
    open.push(name);
    if (record === -1) ancestors.push(localName(name));
    return isPicked;
  };
  /** Whether a record ends with it. */
  const closes = (): boolean => {
    open.pop();
    if (record === -1) ancestors.pop();
    if (open.length !== record) return false;
    record = -1;
    return true;
  };

  return {
    push(chunk) {
      let text = rest === '' ? chunk : rest + chunk;
      const done: string[] = [];
      if (isStart) {
        rest = text;
        if (text.length < BOM.length && BOM.startsWith(text)) return done;
        if (text.startsWith(BOM)) text = text.slice(BOM.length);
        isStart = false;
      }
      let from = 0; // where the record goes on
      let at = 0;
      const close = (end: number): void => {
        if (!closes()) return;
        parts.push(text.slice(from, end));
        done.push(parts.length === 1 ? parts[0]! : parts.join(''));
        parts = [];
        length = 0;
      };
      for (;;) {
        const start = text.indexOf('<', at);
        const next = start === -1 ? text.length : start;
        if (open.length === 0 && /\S/.test(text.slice(at, next))) throw new Error('text outside elements');
        at = next;
        if (start === -1) break;
        const end = tokenEnd(text, start);
        if (end === -1) break;
        const second = text.charCodeAt(start + 1);
        if (second === SLASH) {
          const name = open.at(-1) ?? '';
          if (
            name === '' ||
            !text.startsWith(name, start + 2) ||
            !isBlank(text, start + 2 + name.length, end)
          )
            throw new Error(`${text.slice(start, Math.min(end, start + 100))} closes another element`);
          close(end);
        } else if (isNameStart(second)) {
          if (opens(nameAt(text, start + 1))) from = start;
          if (text.charCodeAt(end - 2) === SLASH) close(end);
        } else if (open.length === 0 && text.startsWith('<![', start))
          throw new Error('text outside elements');
        at = end;
      }
      if (record !== -1) {
        parts.push(text.slice(from, at));
        length += at - from;
        if (length > limits.characters * MARKUP)
          throw new Error(`a record has more than ${limits.characters} characters`);
      }
      rest = text.slice(at);
      if (rest.length > MAX_TOKEN) throw new Error(`a tag or comment of more than ${MAX_TOKEN} bytes`);
      return done;
    },
    end() {
      if (!hadRoot || open.length > 0 || rest !== '') throw new Error('it ends in the middle');
    },
  };
}

/** Where the tag, comment, section or instruction ends that begins at `start`; -1: not in `text`. */
export function tokenEnd(text: string, start: number): number {
  const second = text[start + 1];
  if (second === '/') return after(text, '>', start);
  if (second === '?') return after(text, '?>', start + 2);
  if (second === '!') {
    if (text.startsWith('<!--', start)) return after(text, '-->', start + 4);
    if (text.startsWith('<![CDATA[', start)) return after(text, ']]>', start + 9);
    if (text.length < start + 9) return -1;
    if (!text.startsWith('<!DOCTYPE', start))
      throw new Error(`unknown markup ${text.slice(start, start + 9)}`);
    const end = after(text, '>', start);
    const subset = text.indexOf('[', start);
    // Entities of a document's own are no part of any feed, and how bombs are made.
    if (subset !== -1 && (end === -1 || subset < end)) throw new Error('it declares entities');
    return end;
  }
  if (second === undefined) return -1;
  if (!isNameStart(second.charCodeAt(0))) throw new Error(`no name in ${text.slice(start, start + 20)}`);
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x3e) return at + 1;
    if (code === 0x3c) throw new Error(`a tag within ${text.slice(start, start + 100)}`);
    if (code === 0x22 || code === 0x27) {
      at = text.indexOf(text[at]!, at + 1);
      if (at === -1) return -1;
    }
  }
  return -1;
}

/** The name that begins at `start`. */
export function nameAt(text: string, start: number): string {
  let end = start;
  for (let code = text.charCodeAt(end); code > 0x20 && code !== 0x3e && code !== SLASH; ) {
    code = text.charCodeAt(++end);
  }
  return text.slice(start, end);
}

/** A name without its prefix. */
export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function after(text: string, token: string, from: number): number {
  const at = text.indexOf(token, from);
  return at === -1 ? -1 : at + token.length;
}

/** XML 1.0, 2.3; of other scripts' letters any is taken. */
function isNameStart(code: number): boolean {
  const letter = code | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || code === 0x5f || code === 0x3a || code >= 0x80;
}

/** Whether there is nothing but blanks up to the `>` before `end`. */
function isBlank(text: string, start: number, end: number): boolean {
  for (let at = start; at < end - 1; at++) if (text.charCodeAt(at) > 0x20) return false;
  return start < end;
}
