/** The ledger of an image: every regular file in it that can run, and who accounts for it. `docs/reference/ledger.md` has the rules. */
import type { Digest } from './digest.ts';

/** Who accounts for a file, and what that means; of several the first. */
export const ACCOUNTS = {
  os_package: 'a package of the operating system lists it',
  language_package: 'it is, or belongs to, a package of a language',
  program: 'a recognized program',
  inventory: 'an SBOM in the image names it, or it belongs to a package that no feed covers',
  unaccounted: 'of unknown origin',
} as const;

export type Account = keyof typeof ACCOUNTS;

export const ACCOUNT_NAMES = Object.keys(ACCOUNTS) as readonly Account[];

/** What can run: programs and libraries of the three formats, scripts that name their interpreter and may be run, archives. */
export const RUNNABLE_KINDS = ['elf', 'pe', 'mach-o', 'script', 'jar', 'wasm'] as const;

export type RunnableKind = (typeof RUNNABLE_KINDS)[number];

/** What else is known of an unaccounted file: why it says nothing of what it is made of. */
export const MARKS = {
  packed: 'compressed with UPX: its contents cannot be read',
  go: 'a Go program without build info',
  rust: 'a Rust program without the record of cargo-auditable',
  dotnet: 'a .NET program that no deps.json lists',
  stripped: 'without symbols',
} as const;

export type Mark = keyof typeof MARKS;

export const MARK_NAMES = Object.keys(MARKS) as readonly Mark[];

export interface AccountTotal {
  readonly files: number;
  readonly bytes: number;
}

export interface UnaccountedFile {
  readonly path: string;
  readonly size: number;
  readonly kind: RunnableKind;
  readonly marks: readonly Mark[];
  /** The layer that brought it. */
  readonly layer: Digest;
}

export interface Ledger {
  readonly accounts: Readonly<Record<Account, AccountTotal>>;
  /** The largest first, at most `MAX_UNACCOUNTED`; the totals count all. */
  readonly unaccounted: readonly UnaccountedFile[];
}

/** A report lists so many; an image that was built from source without any package has thousands. */
export const MAX_UNACCOUNTED = 500;
