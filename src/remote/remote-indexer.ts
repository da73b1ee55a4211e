/** The indexer behind HTTP, as the matcher wants it. */

import type { IndexerClient } from '../matcher/matcher.ts';
import { ManifestsAnswer } from '../model/api/console/operations.ts';
import type { Digest } from '../model/digest.ts';
import type { ManifestChanges } from '../model/manifest-changes.ts';
import type { ServiceAnswer, ServiceClient } from './service-client.ts';

export function remoteIndexer(client: ServiceClient): IndexerClient {
  /** `etag`: of the report that one has. */
  function get(digest: Digest, etag?: string): Promise<ServiceAnswer> {
    return client.call(`/indexer/api/v1/index_report/${digest}`, {
      expect: etag ? [200, 304, 404] : [200, 404],
      headers: {
        accept: 'application/vnd.clair.index_report.v1+json, application/json;q=0.9',
        ...(etag && { 'if-none-match': etag }),
      },
    });
  }

  return {
    async indexReport(digest) {
      const answer = await get(digest);
      const body = await answer.text();
      return answer.status === 200 ? body : undefined;
    },
    async newerReport(digest, known) {
      let answer = await get(digest, known);
      let json = await answer.text();
      if (answer.status === 304) {
        if (answer.etag === known) return { version: known, json: undefined };
        // A Clair says that, without an ETag, of what it has not as well (clair-service.md#routes).
        answer = await get(digest);
        json = await answer.text();
      }
      return answer.status === 200 ? { version: answer.etag, json } : undefined;
    },
    async manifests(after, limit) {
      const query = new URLSearchParams({ after, limit: String(limit) });
      const answer = await client.call(`/indexer/api/v1/internal/manifests?${query}`, { expect: [200, 404] });
      const body = await answer.text();
      return answer.status === 200 ? (ManifestsAnswer.parse(JSON.parse(body)) as ManifestChanges) : undefined;
    },
  };
}
