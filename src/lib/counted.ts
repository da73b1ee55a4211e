/** Counts with their nouns, for messages: `1 finding`, `2 findings`. */

/** Returns `count` and the noun in the number that agrees with it; `plural` for nouns that do not take an `s`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
