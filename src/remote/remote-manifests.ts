/** The manifests of an indexer behind HTTP, ours or Clair's, as the notifier wants them. */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { ManifestSource } from '../notifier/sources.ts';
import { readJson } from './remote-matcher.ts';
import type { ServiceClient } from './service-client.ts';

/** Of one answer: fewer are asked about when there is more. */
const MAX_ANSWER = 96 * 1024 * 1024;

const ANSWER = z.object({
  vulnerable_manifests: z.record(z.string(), z.array(z.string()).nullable()).nullish(),
  problems: z.array(z.object({ where: z.string(), reason: z.string() })).nullish(),
});

export function remoteManifests(client: ServiceClient): ManifestSource {
  return {
    async affected(asked, signal) {
      // The long texts are of no use for looking up.
      const vulnerabilities = asked.map(({ id, change }) => ({
        ...change.vulnerability,
        id,
        description: '',
        links: '',
      }));
      const answer = await client.call('/indexer/api/v1/internal/affected_manifest/', {
        method: 'POST',
        headers: { accept: 'application/vnd.clair.affected_manifests.v1+json, application/json;q=0.9' },
        body: JSON.stringify({ vulnerabilities }),
        expect: [200],
        signal,
      });
      const parsed = ANSWER.safeParse(await readJson(answer.pieces(), MAX_ANSWER));
      if (!parsed.success) {
        throw new AppError(
          'service',
          `the indexer answered affected_manifest with what cannot be read: ${z.prettifyError(parsed.error)}`,
        );
      }
      const { vulnerable_manifests: manifests, problems } = parsed.data;
      return {
        manifests: Object.fromEntries(
          Object.entries(manifests ?? {}).map(([digest, ids]) => [digest, ids ?? []]),
        ),
        problems: (problems ?? []).map(({ where, reason }) => `${where}: ${reason}`),
      };
    },
  };
}
