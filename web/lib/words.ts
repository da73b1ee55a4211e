/** Numbers, times and counts as the console writes them. */
import type { Total } from '../../src/model/api/console/types.ts';

const GROUPED = new Intl.NumberFormat('en-US');
const DAY = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});
const MINUTE = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

export function number(value: number): string {
  return GROUPED.format(value);
}

/** `412`, or `at least 10,000` where no more were counted. */
export function totalText(total: Total): string {
  return typeof total === 'number' ? number(total) : `at least ${number(total.at_least)}`;
}

/** `412`, `10,000+`. */
export function shortTotal(total: Total): string {
  return typeof total === 'number' ? number(total) : `${number(total.at_least)}+`;
}

/** `1 image`, `at least 10,000 images`; `nouns` is the plural. */
export function totalWith(total: Total, nouns: string): string {
  return `${totalText(total)} ${total === 1 ? nouns.replace(/ies$/, 'y').replace(/s$/, '') : nouns}`;
}

/** `1 image`, `412 images`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${number(count)} ${count === 1 ? noun : plural}`;
}

/** `+6`, `−14` with a real minus, `0`. */
export function signed(value: number): string {
  return value > 0 ? `+${number(value)}` : value < 0 ? `−${number(-value)}` : '0';
}

/** `94.4 %` of 0 to 1. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** One decimal below 100. */
export function riskText(risk: number): string {
  return risk >= 99.95 ? number(Math.round(risk)) : risk.toFixed(1);
}

/** `2 h ago`, `in 22 min`; RFC 3339 in. */
export function since(time: string, now: number): string {
  const seconds = Math.round((now - Date.parse(time)) / 1000);
  const span = spanText(Math.abs(seconds));
  if (Math.abs(seconds) < 45) return 'now';
  return seconds > 0 ? `${span} ago` : `in ${span}`;
}

function spanText(seconds: number): string {
  if (seconds < 90 * 60) return `${Math.max(1, Math.round(seconds / 60))} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${number(Math.round(seconds / 86_400))} d`;
}

/** `30 Nov 2026`. */
export function dayText(time: string): string {
  return DAY.format(new Date(time));
}

/** `30 Nov 2026, 06:11 UTC`. */
export function minuteText(time: string): string {
  return `${MINUTE.format(new Date(time))} UTC`;
}

/** The first digits of a digest. */
export function shortDigest(digest: string): string {
  return digest.replace(/^\w+:([0-9a-f]{12}).*$/i, '$1');
}

/** What is invisible or turns the direction of text becomes a mark: texts of advisories and images are foreign. */
export function visible(text: string): string {
  return text.replace(/[\p{Cf}\p{Cs}]|(?![\n\t])\p{Cc}/gu, '\uFFFD');
}

/** Only http and https: a link of a feed cannot run anything. */
export function isWebLink(link: string): boolean {
  return /^https?:\/\//i.test(link);
}

/** As `scan` marks findings whose vulnerable code is not in the program. */
export const NOT_LINKED = 'not reachable by linking';
