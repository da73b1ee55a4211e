/** Reads big XML documents record by record: elements that are asked for become small trees, the rest streams by. */
import type { Readable } from 'node:stream';
import { SaxesParser } from 'saxes';
import { AppError, messageOf } from '../errors.ts';

/** An element with its prefix taken off: `linux-def:evr` is `evr`. */
export interface XmlElement {
  readonly name: string;
  /** Attributes by local name. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Text directly inside, entities and CDATA resolved, nothing trimmed. */
  readonly text: string;
}

/** Bounds of one record and of the nesting of the whole document. */
export interface XmlLimits {
  readonly depth: number;
  /** Elements in one record. */
  readonly elements: number;
  /** Characters of text and attributes in one record. */
  readonly characters: number;
}

const LIMITS: XmlLimits = { depth: 200, elements: 500_000, characters: 64 * 1024 * 1024 };

interface OpenElement extends XmlElement {
  readonly attributes: Record<string, string>;
  readonly children: OpenElement[];
  text: string;
}

/**
 * The elements for which `pick(names of the ancestors, own name)` holds, in order, each as a tree.
 * Throws `feed`, naming `what`, if the document is malformed, cut short or over a limit.
 */
export async function* readXmlRecords(
  source: Readable | AsyncIterable<Uint8Array>,
  what: string,
  pick: (ancestors: readonly string[], name: string) => boolean,
  limits: XmlLimits = LIMITS,
): AsyncGenerator<XmlElement> {
  const parser = new SaxesParser({ xmlns: false, position: false });
  const ancestors: string[] = [];
  const tree: OpenElement[] = []; // from the record down to the open element
  const done: XmlElement[] = [];
  let elements = 0;
  let characters = 0;

  const grow = (length: number) => {
    characters += length;
    if (characters > limits.characters)
      throw new Error(`a record has more than ${limits.characters} characters`);
  };
  const addText = (text: string) => {
    const open = tree.at(-1);
    if (open === undefined) return;
    grow(text.length);
    open.text += text;
  };

  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    const name = localName(tag.name);
    if (ancestors.length >= limits.depth) throw new Error(`nested deeper than ${limits.depth} elements`);
    if (tree.length > 0 || pick(ancestors, name)) {
      if (tree.length === 0) elements = characters = 0;
      if ((elements += 1) > limits.elements)
        throw new Error(`a record has more than ${limits.elements} elements`);
      const element: OpenElement = { name, attributes: {}, children: [], text: '' };
      for (const [key, value] of Object.entries(tag.attributes)) {
        grow(key.length + value.length);
        element.attributes[localName(key)] = value;
      }
      tree.at(-1)?.children.push(element);
      tree.push(element);
    }
    ancestors.push(name);
  });
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    ancestors.pop();
    const closed = tree.pop();
    if (closed !== undefined && tree.length === 0) done.push(closed);
  });

  try {
    const decoder = new TextDecoder('utf-8');
    for await (const chunk of source) {
      parser.write(decoder.decode(chunk as Uint8Array, { stream: true }));
      yield* done.splice(0);
    }
    parser.write(decoder.decode());
    parser.close(); // throws for a document that is cut short
    yield* done.splice(0);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('feed', `${what}: not readable as XML: ${messageOf(error)}`, { cause: error });
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** The first child of that name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** All children of that name. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}
