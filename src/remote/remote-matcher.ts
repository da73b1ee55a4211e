/** The matcher behind HTTP, ours or Clair's, as the notifier wants it. */

import { z } from 'zod';
import { AppError } from '../errors.ts';
import { readAll } from '../lib/read-all.ts';
import { schemaIssues } from '../lib/schema-issues.ts';
import type { RunSource } from '../notifier/sources.ts';
import { readDiff } from './read-diff.ts';
import type { ServiceClient } from './service-client.ts';

const PATH = '/matcher/api/v1/internal';
/** Of the list of runs: some hundreds of bytes each. */
const MAX_RUNS = 64 * 1024 * 1024;

const RUNS = z.record(
  z.string(),
  z
    .array(z.object({ ref: z.guid(), date: z.string() }))
    .nullable()
    .transform((runs) => runs ?? []),
);

/** clair-quirk: `kind` is empty in every answer, so that of the vulnerabilities is asked for */
export function remoteMatcher(client: ServiceClient): RunSource {
  return {
    async runs(latest, signal) {
      const path = `${PATH}/update_operation?kind=vulnerability&latest=${latest}`;
      const answer = await client.call(path, { expect: [200], signal });
      const parsed = RUNS.nullable().safeParse(await readJson(answer.pieces(), MAX_RUNS));
      if (parsed.success) return parsed.data ?? {};
      throw new AppError(
        'service-answer',
        `the matcher answered update_operation with what cannot be read: ${schemaIssues(parsed.error)}`,
      );
    },
    async *changes(cur, prev, signal) {
      const path = `${PATH}/update_diff?cur=${cur}${prev === undefined ? '' : `&prev=${prev}`}`;
      const answer = await client.call(path, { expect: [200], signal });
      for await (const { list, value } of readDiff(answer.pieces()))
        yield { reason: list, vulnerability: value };
    },
  };
}

/** Throws `too-large` beyond `limit` bytes, `service-answer` for what is no JSON. */
export async function readJson(pieces: AsyncIterable<Buffer>, limit: number): Promise<unknown> {
  const tooLong = (): AppError =>
    new AppError('too-large', `an answer of another service is over ${limit} bytes`);
  const bytes = await readAll(pieces, limit, tooLong);
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (cause) {
    throw new AppError(
      'service-answer',
      'another Clair component returned a response that is not valid JSON',
      {
        cause,
      },
    );
  }
}
