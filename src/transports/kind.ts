/** What a transport says of itself: its folder's `index.ts` puts it together, and `index.ts` beside this file lists it. */
import type { z } from 'zod';
import type { Transport } from './contract.ts';

export interface TransportParts {
  /** Returns the `Authorization` header of a request (issuer `clair-notifier`); undefined: there is no key. */
  readonly sign?: (() => Promise<string>) | undefined;
}

export interface TransportKind<Name extends string = string, Schema extends z.ZodType = z.ZodType> {
  /** Its key in the configuration below `notifier`, and its name in deliveries, metrics and messages. */
  readonly name: Name;
  /**
   * Its settings. A value that nobody may see is a `Secret` (`lib/setting-values.ts`), and has a key that `isSecretKey` knows, e.g. `token`. The description of the schema is what the reference of the configuration says of it.
   */
  readonly schema: Schema;
  /** Keys of published samples that stand for others, below its own: `[as written, as read]`. */
  readonly aliases?: readonly (readonly [written: readonly string[], read: readonly string[]])[];
  /** Yields what will work, but probably not as meant. `signs`: whether there is a key to sign requests with. */
  lint?(
    settings: z.output<Schema>,
    about: { readonly signs: boolean },
  ): Iterable<readonly [key: string, advice: string]>;
  /** Returns the files that must be readable at start, by the key that names them. */
  files?(settings: z.output<Schema>): Readonly<Record<string, string | undefined>>;
  /**
   * Makes the transport; loads its code only now. Connects to nobody: a broker that is not there must not keep the
   * service from starting. Throws `bad-config`.
   */
  open(settings: z.output<Schema>, parts: TransportParts): Promise<Transport>;
}

/** Returns `kind`, with its name and the type of its settings kept. */
export function transportKind<const Name extends string, Schema extends z.ZodType>(
  kind: TransportKind<Name, Schema>,
): TransportKind<Name, Schema> {
  return kind;
}
