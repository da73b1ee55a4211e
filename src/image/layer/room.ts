/** A bound on what is remembered of a layer: so many things, and so many characters of text in all of them. */
export class Room {
  readonly #things: number;
  readonly #characters: number;
  #thingsLeft: number;
  #charactersLeft: number;

  /** `each`: characters that a thing has on average, at most; one alone may have more. */
  constructor(things: number, each: number) {
    this.#thingsLeft = this.#things = things;
    this.#charactersLeft = this.#characters = things * each;
  }

  /** Counts one more thing with that much text; false if there is no room for it, nor for any that comes after. */
  take(characters: number): boolean {
    this.#thingsLeft--;
    this.#charactersLeft -= characters;
    return !this.isFull;
  }

  get isFull(): boolean {
    return this.#thingsLeft < 0 || this.#charactersLeft < 0;
  }

  /** The bound in words: `things` are those that are counted. */
  most(things: string): string {
    return `${this.#things} ${things}, or of ${this.#characters} characters of text in them`;
  }
}

/** How much text is in a value that is plain data. */
export function charactersOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  let characters = 0;
  for (const each of Object.values(value)) characters += charactersOf(each);
  return characters;
}
