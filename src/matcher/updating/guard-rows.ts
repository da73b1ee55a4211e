/** Keeps the last good data when an upstream serves a file that lost most of it: never "all fixed" by accident. */

import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { readFeedConfig } from '../../feeds/feed-config.ts';
import { counted } from '../../lib/counted.ts';

/** So few rows may go without a question. */
const FEW = 100;
const MOST = 0.5;

const Config = z.object({ max_row_loss: z.number().min(0).max(1).optional() });

export interface RowLoss {
  readonly name: string;
  readonly set: string;
  /** Rows of the last success. */
  readonly before: number;
  readonly after: number;
  /** Records that could not be read. */
  readonly problems: number;
}

/**
 * The share of rows that an update may take away: `max_row_loss` of `updaters.config.<feed>`, else of its set's.
 * Throws `bad-config`.
 */
export function maxRowLoss(
  config: Readonly<Record<string, unknown>> | undefined,
  { name, set }: Pick<RowLoss, 'name' | 'set'>,
): number {
  for (const key of [name, set]) {
    const { max_row_loss } = readFeedConfig(key, Config, config?.[key]);
    if (max_row_loss !== undefined) return max_row_loss;
  }
  return MOST;
}

/** Throws `feed` if what was just read must not replace what is there. */
export function guardRows({ name, set, before, after, problems }: RowLoss, most: number): void {
  const lost = before - after;
  if (after === 0 && problems > 0) {
    throw new AppError(
      'feed',
      `${name}: none of its records could be read (${counted(problems, 'problem')})`,
    );
  }
  if (most === 1 || lost <= 0) return;
  if (after > 0 && (lost <= FEW || lost <= most * before)) return;
  const what =
    after === 0 ? `is empty, and had ${before} advisories` : `lost ${lost} of ${before} advisories`;
  throw new AppError(
    'feed',
    `${name} rejected: it ${what}. The previous data stays in use. To accept it, set updaters.config.${set}.max_row_loss to 1 for one update`,
  );
}
