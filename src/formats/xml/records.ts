/** Reads big XML documents record by record: elements that are asked for become small trees, the rest streams by. */
import type { Readable } from 'node:stream';
import { AppError, messageOf } from '../../errors.ts';
import { localName, nameAt, tokenEnd, type XmlLimits, type XmlPick, xmlScanner } from './scanner.ts';

export type { XmlLimits };

/** An element with its prefix taken off: `linux-def:evr` is `evr`. */
export interface XmlElement {
  readonly name: string;
  /** Attributes by local name. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Text directly inside, entities and CDATA resolved, nothing trimmed. */
  readonly text: string;
}

/** An element that was found and not read yet. */
export interface XmlRecord {
  /** As it is written, one character a byte. */
  readonly source: string;
  /** Throws `feed` if it is malformed or over a limit. */
  read(): XmlElement;
}

const LIMITS: XmlLimits = { depth: 200, elements: 500_000, characters: 64 * 1024 * 1024 };

/**
 * The elements for which `pick(names of the ancestors, own name)` holds, in order, each as a tree.
 * Throws `feed`, naming `what`, if the document is malformed, cut short or over a limit.
 */
export async function* readXmlRecords(
  source: Readable | AsyncIterable<Uint8Array>,
  what: string,
  pick: XmlPick,
  limits: XmlLimits = LIMITS,
): AsyncGenerator<XmlElement> {
  for await (const record of findXmlRecords(source, what, pick, limits)) yield record.read();
}

/** The root element of a whole document of `bytes`. Throws `feed`, as above. */
export function readXmlDocument(bytes: Buffer, what: string, limits: XmlLimits = LIMITS): XmlElement {
  const scanner = xmlScanner((ancestors) => ancestors.length === 0, limits);
  try {
    const [source] = scanner.push(bytes.toString('latin1'));
    scanner.end();
    if (source === undefined) throw new Error('no element');
    return readElement(source, limits);
  } catch (error) {
    throw unreadable(what, error);
  }
}

/** The same, not read yet: what is not wanted costs little. */
export async function* findXmlRecords(
  source: Readable | AsyncIterable<Uint8Array>,
  what: string,
  pick: XmlPick,
  limits: XmlLimits = LIMITS,
): AsyncGenerator<XmlRecord> {
  const scanner = xmlScanner(pick, limits);
  try {
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
      for (const record of scanner.push(text)) yield recordOf(record, what, limits);
    }
    scanner.end();
  } catch (error) {
    throw unreadable(what, error);
  }
}

function recordOf(source: string, what: string, limits: XmlLimits): XmlRecord {
  return {
    source,
    read() {
      try {
        return readElement(source, limits);
      } catch (error) {
        throw unreadable(what, error);
      }
    },
  };
}

function unreadable(what: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('feed', `${what}: not readable as XML: ${messageOf(error)}`, { cause: error });
}

interface OpenElement extends XmlElement {
  readonly children: OpenElement[];
  text: string;
}

/** Whose tags meet, and whose tokens all end: that was seen when it was found. */
function readElement(source: string, limits: XmlLimits): XmlElement {
  // XML 1.0, 2.11: line ends are line feeds.
  const xml = unicodeOf(source).replace(/\r\n?/g, '\n');
  const root: OpenElement = { name: '', attributes: {}, children: [], text: '' };
  const tree = [root];
  let elements = 0;
  let characters = 0;
  const grow = (length: number): void => {
    characters += length;
    if (characters > limits.characters)
      throw new Error(`a record has more than ${limits.characters} characters`);
  };
  for (let at = 0; at < xml.length; ) {
    const open = tree.at(-1)!;
    const found = xml.indexOf('<', at);
    const start = found === -1 ? xml.length : found;
    if (start > at) {
      grow(start - at);
      open.text += resolve(xml.slice(at, start));
    }
    if (found === -1) break;
    const end = tokenEnd(xml, start);
    const second = xml[start + 1];
    if (second === '/') tree.pop();
    else if (second === '!' && xml.startsWith('<![', start)) {
      grow(end - start - 12);
      open.text += xml.slice(start + 9, end - 3);
    } else if (second !== '!' && second !== '?') {
      if (++elements > limits.elements) throw new Error(`a record has more than ${limits.elements} elements`);
      const name = nameAt(xml, start + 1);
      const attributes = attributesIn(xml.slice(start + 1 + name.length, end), grow);
      const element: OpenElement = { name: localName(name), attributes, children: [], text: '' };
      open.children.push(element);
      if (xml[end - 2] !== '/') tree.push(element);
    }
    at = end;
  }
  return root.children[0]!;
}

const ATTRIBUTE = /\s+([^\s=<>"'/]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;

/** Of a tag, behind its name. */
function attributesIn(tag: string, grow: (length: number) => void): Record<string, string> {
  const attributes: Record<string, string> = {};
  let end = 0;
  ATTRIBUTE.lastIndex = 0;
  for (let match = ATTRIBUTE.exec(tag); match !== null; match = ATTRIBUTE.exec(tag)) {
    const [, key = '', double, single = ''] = match;
    const value = double ?? single;
    grow(key.length + value.length);
    // XML 1.0, 3.3.3
    attributes[localName(key)] = resolve(/[\t\n]/.test(value) ? value.replace(/[\t\n]/g, ' ') : value);
    end = ATTRIBUTE.lastIndex;
  }
  if (!/^\s*\/?>$/.test(tag.slice(end)))
    throw new Error(`malformed attributes: ${tag.slice(end, end + 100)}`);
  return attributes;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** What a part of a record's source says. Throws at an entity that XML does not know. */
export function decodeXml(source: string): string {
  return resolve(unicodeOf(source));
}

function unicodeOf(source: string): string {
  return /[\x80-\xff]/.test(source) ? Buffer.from(source, 'latin1').toString() : source;
}

function resolve(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x([0-9a-f]{1,8});|#([0-9]{1,8});|(\w+);)?/gi, (whole, hex, decimal, name) => {
    const code = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : -1;
    const known = code >= 0 ? charOf(code) : Object.hasOwn(ENTITIES, name ?? '') ? ENTITIES[name] : undefined;
    if (known === undefined) throw new Error(`an unknown entity ${whole}`);
    return known;
  });
}

/** XML 1.0, 2.2: no halves of characters, nothing beyond Unicode. */
function charOf(code: number): string | undefined {
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return String.fromCodePoint(code);
}

/** The first child of that name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** All children of that name. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}
