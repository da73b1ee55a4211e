/** A text that nobody may read but whoever uses it. */
import { inspect } from 'node:util';

const HIDDEN = '[hidden]';

/**
 * Kept as bytes outside of V8's heap, so that no snapshot of the heap has it, and shown nowhere: neither in JSON, nor in
 * templates, nor by `inspect`. What `reveal` gives should be used and dropped.
 */
export class Secret {
  readonly #bytes: Buffer;

  constructor(text: string) {
    this.#bytes = Buffer.from(text);
  }

  reveal(): string {
    return this.#bytes.toString();
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
