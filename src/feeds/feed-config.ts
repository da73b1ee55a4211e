/** Reads what the configuration says about one feed or enricher. */
import { z } from 'zod';
import { AppError } from '../errors.ts';

/** An absolute http(s) URL. */
export const httpUrl = z.url({ protocol: /^https?$/ });

/**
 * Checks the unchecked `updaters.config.<key>`; keys that `schema` does not have are ignored, and so is none at all.
 * Throws `bad-config`.
 */
export function readFeedConfig<T extends z.ZodObject>(key: string, schema: T, config: unknown): z.infer<T> {
  const checked = schema.safeParse(config ?? {});
  if (checked.success) return checked.data;
  const issues = checked.error.issues.map(({ path, message }) => `${[key, ...path].join('.')}: ${message}`);
  throw new AppError('bad-config', `updaters.config.${issues.join('; ')}`);
}
