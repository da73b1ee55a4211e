/**
 * `template`: the report in the form of a user's template. The language is a part of Mustache with filters. It cannot run code, read
 * files or access anything but the report (docs/reference/templates.md has the grammar).
 */
import { AppError } from '../../errors.ts';
import type { FormatInput } from './view.ts';

export function template({ view, template: given }: FormatInput): string {
  if (given === undefined) throw new AppError('bad-config', '--format template requires --template FILE');
  return render(given.text, view, given.name);
}

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly path: readonly string[]; readonly filters: readonly Filter[] }
  | {
      readonly kind: 'section';
      readonly path: readonly string[];
      readonly inverted: boolean;
      readonly nodes: readonly Node[];
    };

type Filter = (value: unknown) => unknown;

const MAX_DEPTH = 32;
const MAX_OUTPUT = 256 * 1024 * 1024;

const FILTERS: Readonly<Record<string, Filter>> = {
  json: (value) => JSON.stringify(value),
  html: (value) => textOf(value).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`),
  csv: (value) => {
    // RFC 4180; a spreadsheet would run what begins like a formula.
    const text = textOf(value).replace(/^[=+\-@\t\r]/, "'$&");
    return /[",\r\n]|^'/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  },
  url: (value) => encodeURIComponent(textOf(value).toWellFormed()),
  line: (value) => textOf(value).replace(/\s+/g, ' ').trim(),
  upper: (value) => textOf(value).toUpperCase(),
  lower: (value) => textOf(value).toLowerCase(),
  percent: (value) => (typeof value === 'number' ? `${(value * 100).toFixed(1)}%` : ''),
  count: (value) => (Array.isArray(value) ? value.length : value ? 1 : 0),
};

/** Returns `text` filled from `data`. Throws `bad-config` with the line of a syntax error. */
export function render(text: string, data: unknown, name = 'template'): string {
  const parts: string[] = [];
  let length = 0;
  const write = (part: string): void => {
    length += part.length;
    if (length > MAX_OUTPUT)
      throw new AppError('bad-config', `${name} produces more than ${MAX_OUTPUT >> 20} MiB`);
    parts.push(part);
  };
  fill(parse(text, name), [data], write);
  return parts.join('');
}

function fill(nodes: readonly Node[], scopes: readonly unknown[], write: (text: string) => void): void {
  for (const node of nodes) {
    if (node.kind === 'text') {
      write(node.text);
      continue;
    }
    const value = lookUp(node.path, scopes);
    if (node.kind === 'value') write(textOf(node.filters.reduce((v, filter) => filter(v), value)));
    else if (node.inverted) {
      if (isEmpty(value)) fill(node.nodes, scopes, write);
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        const place = { index, first: index === 0, last: index === value.length - 1 };
        fill(node.nodes, [...scopes, { '@': place }, item], write);
      }
    } else if (!isEmpty(value)) fill(node.nodes, [...scopes, value], write);
  }
}

/** Returns the value at `path`, from the innermost scope that has its first name. */
function lookUp(path: readonly string[], scopes: readonly unknown[]): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return scopes.at(-1);
  const scope = scopes.findLast((each) => memberOf(each, first) !== undefined);
  return rest.reduce((value: unknown, key) => memberOf(value, key), memberOf(scope, first));
}

/** Returns an own member; inherited ones cannot be named. */
function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function isEmpty(value: unknown): boolean {
  return !value || (Array.isArray(value) && value.length === 0);
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

// A section or comment alone on its line takes the line away with it.
const TAG = /\{\{[ \t]*([#^/!]?)([^{}]*)\}\}([ \t]*(?:\r?\n|$))?/gm;

function parse(text: string, name: string): readonly Node[] {
  const root: Node[] = [];
  const open: { readonly path: string; readonly nodes: Node[] }[] = [{ path: '', nodes: root }];
  const fail = (at: number, what: string): never => {
    throw new AppError('bad-config', `${name}:${text.slice(0, at).split('\n').length}: ${what}`);
  };
  let end = 0;
  const addText = (nodes: Node[], part: string): void => {
    if (part.includes('{{')) fail(text.indexOf('{{', end), 'a {{ without its }}');
    if (part !== '') nodes.push({ kind: 'text', text: part });
  };
  for (const match of text.matchAll(TAG)) {
    const [all, sigil = '', written = '', after] = match;
    const content = written.trim();
    const nodes = open.at(-1)!.nodes;
    const before = text.slice(end, match.index);
    const lineStart = before.lastIndexOf('\n') + 1;
    const beginsLine =
      (lineStart > 0 || end === 0 || text[end - 1] === '\n') && before.slice(lineStart).trim() === '';
    const isAlone = sigil !== '' && beginsLine && after !== undefined;
    addText(nodes, isAlone ? before.slice(0, lineStart) : before);
    if (sigil === '#' || sigil === '^') {
      if (open.length > MAX_DEPTH) fail(match.index, `sections are nested more than ${MAX_DEPTH} deep`);
      const section: Node & { nodes: Node[] } = {
        kind: 'section',
        path: pathOf(content),
        inverted: sigil === '^',
        nodes: [],
      };
      nodes.push(section);
      open.push({ path: content, nodes: section.nodes });
    } else if (sigil === '/') {
      const closed = open.length > 1 ? open.pop() : undefined;
      if (closed?.path !== content) fail(match.index, `{{/${content}}} closes nothing that is open`);
    } else if (sigil === '') {
      const [path = '', ...filters] = content.split('|').map((part) => part.trim());
      if (!/^[\w.@-]+$/.test(path)) fail(match.index, `{{${content}}} is not a name`);
      nodes.push({
        kind: 'value',
        path: pathOf(path),
        filters: filters.map((filter) =>
          Object.hasOwn(FILTERS, filter)
            ? FILTERS[filter]!
            : fail(
                match.index,
                `no filter ${JSON.stringify(filter)}; expected one of ${Object.keys(FILTERS).join(', ')}`,
              ),
        ),
      });
    }
    end = match.index + all.length;
    if (!isAlone && after !== undefined) addText(open.at(-1)!.nodes, after);
  }
  addText(open.at(-1)!.nodes, text.slice(end));
  if (open.length > 1) fail(text.length, `{{#${open.at(-1)!.path}}} is not closed`);
  return root;
}

/** Returns the names in a path; `.` is the value of the section. */
function pathOf(text: string): string[] {
  return text === '.' ? [] : text.split('.');
}
