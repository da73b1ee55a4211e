/** Words of other scanners: what each of them comes to here. The parser, the help and docs/reference/other-tools.md read the same tables. */

/** What a word comes to. */
export type WordMeaning =
  /** Our word for it; a value stays with it. Of a flag, '': its value is the target. */
  | { readonly ours: string }
  /** Our words for it; its value is part of them or says nothing more. */
  | { readonly gives: readonly string[] }
  /** It is taken, and nothing has to be done: why. */
  | { readonly nothing: string }
  /** It is refused: why, and our way. */
  | { readonly refused: string };

/** Which values a row is about. */
export interface When {
  /** For documents. */
  readonly text: string;
  readonly test: (value: string) => boolean;
}

export interface ForeignWord {
  /** All spellings: `-s`, `--sort-by`, `image`, `docker:`. */
  readonly words: readonly string[];
  /** Whose it is. */
  readonly of: string;
  /** What its value is; undefined: it has none. */
  readonly value?: string;
  /** Rows are tried in order. Default: any value. */
  readonly when?: When;
  readonly does: WordMeaning;
}

/** A value that is one of `values`, or a list of nothing else. */
export function listOf(...values: readonly string[]): When {
  return {
    text: values.join(', '),
    test: (value) => value.split(',').every((each) => values.includes(each.trim().toLowerCase())),
  };
}
