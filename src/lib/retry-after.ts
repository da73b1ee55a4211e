/** How long a server asks to be left alone. */
import { HostBusy } from './host-pacer.ts';

/** 1000 years: a number of seconds has no bound (RFC 9110 §10.2.3), a `Date` and a timer have. */
const LONGEST = 1000 * 366 * 24 * 3600 * 1000;

/** Retry-After in ms: seconds or a date (RFC 9110 §10.2.3); 0 if there is none. */
export function retryAfter(header: string | string[] | undefined, now: number = Date.now()): number {
  const text = (Array.isArray(header) ? (header[0] ?? '') : (header ?? '')).trim();
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(wait) ? 0 : Math.min(Math.max(0, wait), LONGEST);
}

/** The same of an error that says that nobody was asked because of it; 0 if it says something else. */
export function retryAfterOf(error: unknown): number {
  for (let e = error; e instanceof Error; e = e.cause) if (e instanceof HostBusy) return e.retryAfter;
  return 0;
}
