/** `affected_manifest`: which manifests vulnerabilities affect. */

import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { goneSignal } from '../../http/gone-signal.ts';
import { readBody } from '../../http/json-body.ts';
import { operation } from '../../http/operation.ts';
import { redirectToSlash } from '../../http/route.ts';
import { serve } from '../../http/serve.ts';
import { AffectedQuestion, VulnerabilitiesBody } from '../../model/api/index-report.ts';
import { AffectedLine, AffectedManifestsAnswer } from '../../model/api/vulnerability-report.ts';
import type { AffectedManifests } from '../affected-manifests.ts';
import type { Indexer } from '../indexer.ts';

const PATH = '/indexer/api/v1/internal/affected_manifest';

export const AFFECTED_MANIFESTS = operation({
  method: 'POST',
  path: `${PATH}/`,
  tag: 'indexer',
  id: 'affectedManifests',
  summary: 'Manifests that vulnerabilities affect.',
  body: { schema: VulnerabilitiesBody },
  answers: {
    200: {
      description: 'The affected manifests.',
      schema: AffectedManifestsAnswer,
      types: ['application/vnd.clair.affected_manifests.v1+json', 'application/json'],
    },
  },
  errors: { 'bad-request': true, 'not-acceptable': true },
});

const PAGES_PATH = '/indexer/api/v1/internal/affected_pages';

export const AFFECTED_PAGES = operation({
  method: 'POST',
  path: PAGES_PATH,
  tag: 'indexer',
  id: 'affectedPages',
  summary: 'Manifests that vulnerabilities affect, in any number.',
  description:
    'Not part of Clair v4: what a notifier of this project asks. One JSON object per line. Empty lines are sent while nothing is known yet. ' +
    'An answer without the line `done` is not whole: continue with the last `next` as `after`.',
  body: { schema: AffectedQuestion },
  answers: {
    200: { description: 'Lines.', schema: AffectedLine, types: ['application/x-ndjson'] },
  },
  errors: { 'bad-request': true },
});

/** ms after which a client is told that it is still worked on. */
const ALIVE = 10_000;
/** Characters of an answer that is sent as one. */
const WHOLE = 4 * 1024 * 1024;

/** `POST affected_manifest/` of `{"vulnerabilities": [Vulnerability…]}`, and the same in pages. */
export function affectedManifestRoutes(
  app: FastifyInstance,
  indexer: Pick<Indexer, 'affectedManifests'>,
  stopping: AbortSignal,
): void {
  redirectToSlash(app, PATH);
  serve(app, AFFECTED_MANIFESTS, async (request, reply, { type }) => {
    const vulnerabilities = read(VulnerabilitiesBody.nullable(), request.body)?.vulnerabilities ?? [];
    const signal = AbortSignal.any([goneSignal(reply), stopping]);
    const pieces = (await indexer.affectedManifests(vulnerabilities, { after: '', signal })).json();
    // What fails before much is known is an answer of its own; later it breaks off.
    let begun = '';
    for (;;) {
      const { value, done } = await pieces.next();
      if (done) return reply.type(type).send(begun);
      begun += value;
      if (begun.length > WHOLE) break;
    }
    return reply.type(type).send(Readable.from(followedBy(begun, pieces), { objectMode: false }));
  });
  serve(app, AFFECTED_PAGES, async (request, reply, { type }) => {
    const { vulnerabilities, after = '' } = read(AffectedQuestion, request.body);
    const signal = AbortSignal.any([goneSignal(reply), stopping]);
    const answer = await indexer.affectedManifests(vulnerabilities, { after, signal });
    return reply.type(type).send(Readable.from(withSigns(linesOf(answer)), { objectMode: false }));
  });
}

async function* followedBy(first: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}

async function* linesOf({
  problems,
  pages,
}: AffectedManifests): AsyncGenerator<z.infer<typeof AffectedLine>> {
  yield { problems: problems.map(({ where, reason }) => ({ where, reason })) };
  for await (const { manifests, next } of pages()) {
    const sets = [...new Set(manifests.map(([, positions]) => positions))];
    const numbers = new Map(sets.map((set, number) => [set, number]));
    yield {
      sets: sets.map((set) => [...set]),
      manifests: manifests.map(([digest, positions]) => [digest, numbers.get(positions)!]),
      next,
    };
  }
  yield { done: true };
}

/** As text, with an empty line now and then: whoever reads takes a long silence for the end. */
async function* withSigns(lines: AsyncGenerator<object>): AsyncGenerator<string> {
  try {
    for (;;) {
      const line = lines.next();
      line.catch(() => {}); // whoever reads may be gone by then
      for (;;) {
        using alive = signOfLife();
        const result = await Promise.race([line, alive.sign]);
        if (result === undefined) yield '\n';
        else if (result.done) return;
        else {
          yield `${JSON.stringify(result.value)}\n`;
          break;
        }
      }
    }
  } finally {
    await lines.return(undefined);
  }
}

function signOfLife(): { readonly sign: Promise<undefined> } & Disposable {
  const { promise: sign, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ALIVE);
  return { sign, [Symbol.dispose]: () => clearTimeout(timer) };
}

function read<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  return readBody(schema, body, 'failed to deserialize vulnerabilities');
}
