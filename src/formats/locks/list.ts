/** Lists of packages that are to be installed: what a reader of one says. */

/** A package that a list names; `module`: where else than from its registry it comes from, if it does. */
export interface Listed {
  readonly name: string;
  readonly version: string;
  readonly module?: string;
}

/** What of a list cannot be looked up, in words for the report. */
export interface Unlisted {
  readonly unread: string;
}

export type ListItem = Listed | Unlisted;

/** A file of the same kind that lies beside a list, or above it: by its path as written there. */
export type Beside = (path: string) => string | undefined;

/** A kind of list. */
export interface ListFormat {
  /** Of the path. */
  readonly is: RegExp;
  /** Files that `read` asks for beside a list, of the path. */
  readonly needs?: RegExp;
  /** Whether a file of that name is such a list, where other tools call theirs so as well. Default: each is. */
  readonly isOne?: (text: string) => boolean;
  /** It is made of lines, and tools end each: one without an end was cut, and without any line all were. */
  readonly endsLines?: true;
  /** Packages in the order of the list. Throws if `text` is no such list. */
  read(text: string, beside: Beside): Iterable<ListItem>;
}

/** The first few of `names`, for a sentence. */
export function someOf(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}
