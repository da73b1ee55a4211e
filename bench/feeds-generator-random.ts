/** Chance that is the same every time, and what generated records have in common. */

/** Day 1, or day 2 with one record in a hundred changed and a few new ones. */
export type Day = 1 | 2;

/** What a generator makes: contents of files by their paths below the folder of feeds. */
export type Files = Readonly<Record<string, string | Buffer>>;

/** A number in [0, 1) that depends on the keys alone. */
export function random(...keys: readonly (string | number)[]): number {
  let state = 2_166_136_261;
  for (const char of keys.join('/')) state = Math.imul(state ^ char.charCodeAt(0), 16_777_619);
  state = Math.imul(state ^ (state >>> 15), 2_246_822_507);
  state = Math.imul(state ^ (state >>> 13), 3_266_489_909);
  return ((state ^ (state >>> 16)) >>> 0) / 2 ** 32;
}

/** One of `items`. */
export function pick<T>(items: readonly T[], ...keys: readonly (string | number)[]): T {
  return items[Math.floor(random(...keys) * items.length)]!;
}

/** The CVE of this number: 10,000 a year. */
export function cve(n: number): string {
  return `CVE-${2026 - Math.floor(n / 10_000)}-${10_000 + (n % 10_000)}`;
}

/** Which revision of record `n` of `feed` a day has: one in a hundred is another one the next day. */
export function revision(day: Day, feed: string, n: number): number {
  return day === 2 && random('changed', feed, n) < 0.01 ? 1 : 0;
}

/** How many records a day has. */
export function countOf(day: Day, first: number): number {
  return day === 1 ? first : Math.ceil(first * 1.003);
}

/** The name of a package: a few have many of the advisories. */
export function packageName(feed: string, many: number, ...keys: readonly (string | number)[]): string {
  return `${feed}-${Math.floor(random('package', ...keys) ** 2 * many).toString(36)}`;
}

/** Some words of about that length. */
export function text(length: number, ...keys: readonly (string | number)[]): string {
  const words = [
    'flaw',
    'allows',
    'remote',
    'crafted',
    'input',
    'memory',
    'overflow',
    'parser',
    'in',
    'the',
    'denial',
    'of',
    'service',
  ];
  let out = `Issue ${keys.join(' ')}:`;
  for (let i = 0; out.length < length; i++) out += ` ${pick(words, i, ...keys)}`;
  return out;
}
