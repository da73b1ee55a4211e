/** The deliveries of a notifier behind HTTP, as the console wants them. */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { schemaIssues } from '../lib/schema-issues.ts';
import type { Deliveries } from '../matcher/console/context.ts';
import { readJson } from './remote-matcher.ts';
import type { ServiceClient } from './service-client.ts';

const PATH = '/notifier/api/v1/internal/deliveries';
/** A page of at most 201 deliveries, with their errors. */
const MAX_PAGE = 16 * 1024 * 1024;

const Page = z.object({
  transports: z.array(z.looseObject({})),
  deliveries: z.array(z.looseObject({ id: z.string().regex(/^\d{1,18}$/) })),
});

/** Throws as `ServiceClient` does; `service-answer` for what is no page of deliveries. */
export function remoteDeliveries(client: ServiceClient): Deliveries {
  return {
    async deliveries({ state, target, next, size }) {
      return (await page({ state, transport: target, next, page_size: String(size) })).deliveries;
    },
    async status() {
      return (await page({ page_size: '1' })).transports;
    },
    async redeliver(id) {
      const answer = await client.call(`${PATH}/${id}/redeliver`, { method: 'POST', expect: [202, 404] });
      return answer.status === 202;
    },
  };

  async function page(wanted: Readonly<Record<string, string | undefined>>): Promise<z.infer<typeof Page>> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(wanted)) if (value !== undefined) query.set(name, value);
    const answer = await client.call(`${PATH}?${query}`, { expect: [200] });
    const parsed = Page.safeParse(await readJson(answer.pieces(), MAX_PAGE));
    if (parsed.success) return parsed.data;
    throw new AppError(
      'service-answer',
      `the notifier answered deliveries with what cannot be read: ${schemaIssues(parsed.error)}`,
    );
  }
}
