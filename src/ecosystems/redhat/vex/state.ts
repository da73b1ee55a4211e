/** What the feed of Red Hat remembers from one update to the next, as its fingerprint. */
import { z } from 'zod';
import type { VexConfig } from './config.ts';

/** Raised when the same documents give other advisories: all are then loaded anew. */
const REVISION = 1;

export interface VexState {
  readonly url: string;
  readonly ignoreKernel: boolean;
  /** The expression that made the versions of fixes; '' if none did. */
  readonly fixedIn: string;
  /** Everything up to then is loaded (ms). */
  readonly since: number;
  /** ETags of the lists. */
  readonly changes: string;
  readonly deletions: string;
  /** Documents that could not be had. */
  readonly retry: readonly string[];
}

const State = z.object({
  revision: z.literal(REVISION),
  url: z.string(),
  ignoreKernel: z.boolean(),
  fixedIn: z.string().default(''),
  since: z.iso.datetime().transform((text) => Date.parse(text)),
  changes: z.string(),
  deletions: z.string(),
  retry: z.array(z.string()),
});

export function formatState(state: VexState): string {
  return JSON.stringify({ revision: REVISION, ...state, since: new Date(state.since).toISOString() });
}

/** undefined: nothing that could be gone on from, be it another place or another reading of the same documents. */
export function parseState(fingerprint: string, config: VexConfig): VexState | undefined {
  let json: unknown;
  try {
    json = JSON.parse(fingerprint);
  } catch {
    return undefined; // none, or Clair's
  }
  const { success, data: state } = State.safeParse(json);
  const isSame =
    success &&
    state.url === config.url &&
    state.ignoreKernel === config.ignoreKernel &&
    state.fixedIn === (config.fixedIn?.text ?? '');
  return isSame ? state : undefined;
}
