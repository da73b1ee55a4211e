/** Settings that several transports have. */
import { z } from 'zod';
import { optionalUrl } from '../lib/setting-values.ts';

export const callback = optionalUrl('http', 'https')
  .default('')
  .describe(
    'Where a receiver gets the notifications: the URL of the notification API as it sees it; their id is appended.',
  );

/** Of a transport that can send the notifications themselves. */
export const direct = {
  direct: z.boolean().default(false).describe('Send the notifications themselves rather than a callback.'),
  rollup: z
    .int()
    .min(0)
    .default(0)
    .describe('With `direct`: how many notifications go into one message; 0 and 1 are one.'),
};

/** Yields the advice about `callback` and `direct`. */
export function* lintDirect(settings: {
  readonly callback: string;
  readonly direct: boolean;
  readonly rollup: number;
}): Generator<readonly [key: string, advice: string]> {
  const { callback, direct, rollup } = settings;
  if (rollup === 1) yield ['rollup', '1 is the same as absent'];
  if (!direct && !callback) yield ['callback', 'is missing: receivers cannot tell where to fetch from'];
  if (direct && callback) yield ['callback', 'is not used with direct: remove it'];
}
