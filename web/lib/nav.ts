/** Where the reader is, and links from there: every state of a view is an address. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

/** What changes in a query: null takes a parameter away. */
export type Changes = Readonly<Record<string, string | readonly string[] | null>>;

export interface Nav {
  /** Segments after the root, decoded: `['images', 'sha256:…']`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** Address of a view. Parts of the path are encoded. */
  href(path: readonly string[], query?: Changes): string;
  /** Address of this view with `changes`. Without a word about it, it is the first page again. */
  with(changes: Changes): string;
  go(href: string, options?: { readonly replace?: boolean }): void;
}

export const NavContext = createContext<Nav | undefined>(undefined);

export function useNav(): Nav {
  const nav = useContext(NavContext);
  if (nav === undefined) throw new Error('no navigation here');
  return nav;
}

export function queryText(query: URLSearchParams): string {
  // Readable addresses: what RFC 3986 allows in a query stays as it is.
  const text = query.toString().replace(/%(3A|2C|2F|40|3D)/g, (code) => decodeURIComponent(code));
  return text === '' ? '' : `?${text}`;
}

export function changed(query: URLSearchParams, changes: Changes): URLSearchParams {
  const made = new URLSearchParams(query);
  made.delete('after');
  for (const [name, value] of Object.entries(changes)) {
    made.delete(name);
    if (value === null || value === '') continue;
    for (const each of typeof value === 'string' ? [value] : value) made.append(name, each);
  }
  return made;
}

/** Which images an address counts: links that lead to the same images keep it. */
export function scopeOf(query: URLSearchParams): Changes {
  return { tags: query.get('tags'), label: query.get('label') };
}

/** Values of a parameter that is a list with commas. */
export function listOf(query: URLSearchParams, name: string): string[] {
  return (query.get(name) ?? '').split(',').filter(Boolean);
}

/** The list with `value` put in, or taken out if it is there; null if nothing is left. */
export function toggled(query: URLSearchParams, name: string, value: string): string | null {
  const list = listOf(query, name);
  const next = list.includes(value) ? list.filter((each) => each !== value) : [...list, value];
  return next.length === 0 ? null : next.join(',');
}
