/** The indexer behind HTTP, as the matcher wants it. */
import type { IndexerClient } from '../matcher/matcher.ts';
import type { ServiceClient } from './service-client.ts';

export function remoteIndexer(client: ServiceClient): IndexerClient {
  return {
    async indexReport(digest) {
      const path = `/indexer/api/v1/index_report/${digest}`;
      const answer = await client.call(path, {
        expect: [200, 404],
        headers: { accept: 'application/vnd.clair.index_report.v1+json, application/json;q=0.9' },
      });
      const body = await answer.text();
      return answer.status === 200 ? body : undefined;
    },
  };
}
