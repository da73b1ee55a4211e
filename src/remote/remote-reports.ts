/** The reports of a matcher behind HTTP, as Harbor's API wants them. */
import { z } from 'zod';
import type { ReportSource } from '../harbor/report-source.ts';
import { readJson } from './remote-matcher.ts';
import type { ServiceClient } from './service-client.ts';

const PATH = '/matcher/api/v1';
const MAX_FEEDS = 64 * 1024 * 1024;
const Feeds = z.object({ feeds: z.array(z.object({ last_success: z.string().nullish() })) });

export function remoteReports(client: ServiceClient): ReportSource {
  return {
    async report(digest) {
      const answer = await client.call(`${PATH}/vulnerability_report/${digest}`, { expect: [200, 202, 404] });
      const body = await answer.text();
      if (answer.status === 202) return 'later';
      return answer.status === 404 ? undefined : Buffer.from(body);
    },
    async updatedAt() {
      const answer = await client.call(`${PATH}/internal/feeds`, { expect: [200, 404] });
      const read = Feeds.safeParse(await readJson(answer.pieces(), MAX_FEEDS));
      const times = (read.data?.feeds ?? []).map(({ last_success: time }) => Date.parse(time ?? ''));
      const known = times.filter((time) => !Number.isNaN(time));
      return known.length === 0 ? undefined : new Date(known.reduce((a, b) => Math.max(a, b)));
    },
  };
}
