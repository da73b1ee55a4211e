/** Kinds of values that several answers of the console have. */
import { z } from 'zod';
import { SEVERITIES } from '../../severity.ts';
import { Digest } from '../index-report.ts';
import { mapOf, oneOf, text, time, whole } from '../schema.ts';

/** How many rows a page has at most. */
export const MAX_LIMIT = 200;
/** How many rows are counted; from there on it is only said that there are at least so many. */
export const COUNTED = 10_000;

export const Severity = oneOf('One of six.', SEVERITIES);

export const Counts = z.object({
  critical: whole('Findings.'),
  high: whole('Findings.'),
  medium: whole('Findings.'),
  low: whole('Findings.'),
  negligible: whole('Findings.'),
  unknown: whole('Findings without a severity.'),
});

export const Total = z
  .union([z.int().min(0), z.object({ at_least: whole('So many were counted; there are more.') })])
  .describe(`Rows in all, exact up to ${COUNTED}.`);

/** `next` of every list. */
export const next = text('`after` of the next page; null: this is the last one.').nullable();

export const ImageName = z.object({
  name: text('Registry and repository.'),
  tag: text('Empty if there is none.'),
  at: time('When it was told.'),
});

/** An image where only its name is shown. */
export const ImageRef = z.object({
  digest: Digest,
  name: text('`repository:tag`, the newest; null: it has none.').nullable(),
});

export const Labels = mapOf(text(), 'Given with the image.');

export const Cvss = z.object({
  score: z.number().describe('0 to 10.'),
  vector: text(),
  source: text('Whose it is.'),
});

export const Risk = z
  .number()
  .nullable()
  .describe('Sum of 100 × threat × impact; null: unknown, because the image was not checked.');
