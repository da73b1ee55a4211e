/** Package URLs: `pkg:type/namespace/name@version?qualifiers#subpath`, read as written by any tool. */

/** Parts are decoded; '' where there is none. Case is kept: some registries tell names apart by it. */
/** The namespace or name `name` of a package URL of `type` as it is compared: what is the same there is one. */
export type PurlNames = (type: string, name: string) => string;

export interface Purl {
  readonly type: string;
  /** Segments joined by `/`. */
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly qualifiers: ReadonlyMap<string, string>;
  readonly subpath: string;
}

const MAX_LENGTH = 8192;
const TYPE = /^[a-z][a-z0-9.+-]*$/;
const KEY = /^[a-z0-9._-]+$/;

/** undefined: `text` is no package URL. purl-spec, "How to parse a purl string in its components" */
export function parsePurl(text: string): Purl | undefined {
  if (text.length > MAX_LENGTH || !/^pkg:/i.test(text)) return undefined;
  try {
    return parse(text.slice('pkg:'.length));
  } catch {
    return undefined; // a broken percent-encoding
  }
}

function parse(text: string): Purl | undefined {
  const [beforeSubpath, subpath] = splitRight(text, '#');
  const [path, query] = splitRight(beforeSubpath, '?');
  const [, type = '', rest = ''] = /^\/*([^/]+)\/+(.*)$/s.exec(path) ?? [];
  // An `@` that begins a segment is an npm scope that was not encoded.
  const at = rest.lastIndexOf('@');
  const hasVersion = at > 0 && rest[at - 1] !== '/';
  const segments = segmentsOf(hasVersion ? rest.slice(0, at) : rest);
  const name = segments.pop() ?? '';
  if (!TYPE.test(type.toLowerCase()) || name === '') return undefined;
  return {
    type: type.toLowerCase(),
    namespace: segments.join('/'),
    name,
    version: hasVersion ? decodeURIComponent(rest.slice(at + 1)) : '',
    qualifiers: qualifiersOf(query),
    subpath: segmentsOf(subpath).join('/'),
  };
}

function splitRight(text: string, separator: string): [left: string, right: string] {
  const at = text.lastIndexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function segmentsOf(path: string): string[] {
  return path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeURIComponent);
}

function qualifiersOf(query: string): Map<string, string> {
  const qualifiers = new Map<string, string>();
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const key = pair.slice(0, Math.max(equals, 0)).toLowerCase();
    const value = decodeURIComponent(pair.slice(equals + 1));
    if (KEY.test(key) && value !== '') qualifiers.set(key, value);
  }
  return qualifiers;
}

/** The canonical text: sorted qualifiers, empty parts left out. */
export function formatPurl(purl: Partial<Purl> & Pick<Purl, 'type' | 'name'>): string {
  const { type, namespace = '', name, version = '', qualifiers = new Map(), subpath = '' } = purl;
  const query = [...qualifiers]
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${encode(value)}`)
    .join('&');
  return [
    `pkg:${type}/`,
    namespace && `${encodePath(namespace)}/`,
    encode(name),
    version && `@${encode(version)}`,
    query && `?${query}`,
    subpath && `#${encodePath(subpath)}`,
  ].join('');
}

function encodePath(path: string): string {
  return path.split('/').filter(Boolean).map(encode).join('/');
}

/** purl-spec, "Character encoding": all but letters, digits, `.-_~` and the colon. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':');
}
