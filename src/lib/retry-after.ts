/** How long a server asks to be left alone. */
import { HostBusy } from './host-pacer.ts';

/** Retry-After in ms: seconds or a date (RFC 9110 §10.2.3); 0 if there is none. */
export function retryAfter(header: string | string[] | undefined): number {
  const text = (Array.isArray(header) ? (header[0] ?? '') : (header ?? '')).trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now());
}

/** The same of an error that says that nobody was asked because of it; 0 if it says something else. */
export function retryAfterOf(error: unknown): number {
  for (let e = error; e instanceof Error; e = e.cause) if (e instanceof HostBusy) return e.retryAfter;
  return 0;
}
