/** `console/…` for operators: feeds, notifications, files of reports, comparisons. */

import type { FastifyInstance } from 'fastify';
import { AppError } from '../../../errors.ts';
import { readOptionalBody } from '../../../http/json-body.ts';
import { serve } from '../../../http/serve.ts';
import { FeedSelection } from '../../../model/api/updates.ts';
import { requireRole } from '../access.ts';
import { type ConsoleContext, dayAgo } from '../context.ts';
import { COMPARE, COMPARE_PACKAGES } from '../operations/images.ts';
import {
  CONSOLE_DELIVERIES,
  CONSOLE_FEED,
  CONSOLE_FEEDS,
  CONSOLE_REDELIVER,
  CONSOLE_UPDATE_FEEDS,
  EXPORT,
} from '../operations/operate.ts';
import { momentOf, pageOfAll, readCursor, totalOf, writeCursor } from '../paging.ts';
import { serveChange, serveView } from '../serve-console.ts';
import { type ChangedFinding, compareImages } from '../views/compare.ts';
import { differingPackages, type PackageChange, versionsIn } from '../views/compare-packages.ts';
import { filtered, sortFindings } from '../views/filter-findings.ts';
import { findingToRow, findingToWire } from '../views/finding-wire.ts';
import { versionsByType } from '../views/group-packages.ts';
import { loadFeed, loadFeeds, withTries } from '../views/load-feeds.ts';
import { loadImage } from '../views/load-image.ts';

/** The notifier's own words for what is asked as `state`. */
const DELIVERY_STATES = { queued: 'waiting', delivered: 'delivered', dead: 'dead' } as const;

export function consoleOperateRoutes(app: FastifyInstance, context: ConsoleContext): void {
  const { db, now, callerOf, matcher, ecosystems, sets, operator, exportReport } = context;
  const versionsOf = versionsByType(ecosystems);

  serveView(app, CONSOLE_FEEDS, callerOf, async ({ query: { state, q, limit, after } }) => {
    const all = await loadFeeds(db, await matcher.feedStatus(), sets);
    const wanted = q?.toLowerCase() ?? '';
    const found = all.filter(
      (feed) => (state === undefined || feed.state === state) && feed.name.toLowerCase().includes(wanted),
    );
    const { page, next } = pageOfAll(found, limit, readCursor(after), ({ kind, name }) => `${kind} ${name}`);
    const counts: Record<string, number> = {};
    for (const feed of all) counts[feed.state] = (counts[feed.state] ?? 0) + 1;
    const body = {
      total: found.length,
      next,
      updating: operator?.isUpdating() ?? false,
      counts,
      feeds: await withTries(db, page),
    };
    return { body, next };
  });

  serveView(app, CONSOLE_FEED, callerOf, async ({ query: { name } }) => {
    const body = await loadFeed(db, await matcher.feedStatus(), sets, name);
    if (body === undefined) throw new AppError('not-found', `there is no feed "${name}"`);
    return { body };
  });

  serveChange(app, CONSOLE_UPDATE_FEEDS, 'operate', callerOf, async ({ request }) => {
    const only = readOptionalBody(FeedSelection, request.body);
    if (operator === undefined) throw new AppError('bad-request', 'this process updates no feeds');
    await operator.update(only ?? undefined);
    return undefined;
  });

  serveView(app, CONSOLE_DELIVERIES, callerOf, async ({ query: { state, limit, after } }) => {
    const notifier = operator?.notifier?.();
    if (notifier === undefined)
      return { body: { next: null, enabled: false, transports: [], deliveries: [] } };
    const cursor = readCursor(after);
    const rows = await notifier.deliveries({
      state: state && DELIVERY_STATES[state],
      target: undefined,
      next: cursor === undefined ? undefined : String(cursor[1]),
      size: limit + 1,
    });
    const deliveries = rows.slice(0, limit);
    const last = deliveries.at(-1);
    const next = rows.length > limit && last ? writeCursor(['', Number(last.id)]) : null;
    return { body: { next, enabled: true, transports: await notifier.status(), deliveries }, next };
  });

  serveChange(app, CONSOLE_REDELIVER, 'operate', callerOf, async ({ params }) => {
    const notifier = operator?.notifier?.();
    if (!(await notifier?.redeliver(params.id)))
      throw new AppError(
        'not-found',
        `no delivery ${params.id} that has ended: there is none, or it waits already`,
      );
    return undefined;
  });

  serveView(app, COMPARE, callerOf, async ({ query }) => {
    const { base, head, base_at, head_at, change, limit, after, ...filter } = query;
    const at = (text: string | undefined): Date | undefined =>
      text === undefined ? undefined : momentOf(text, now());
    const [from, to] = [
      { image: await loadImage(db, base, dayAgo(now())), at: at(base_at) },
      { image: await loadImage(db, head, dayAgo(now())), at: at(head_at) },
    ];
    const { findings, ...compared } = await compareImages(db, from, to, versionsOf);
    const changes = new Map(findings.map((each) => [each, each.change]));
    const shown = sortFindings(
      filtered(findings, { ...filter, decided: 'show' }),
      '-risk',
    ) as ChangedFinding[];
    const found = change === undefined ? shown : shown.filter((each) => changes.get(each) === change);
    const { page, next } = pageOfAll(found, limit, readCursor(after), ({ id, change: c }) => `${id} ${c}`);
    const refOf = ({ image: { digest, name } }: typeof from) => ({ digest, name });
    const body = {
      ...{ base: refOf(from), head: refOf(to) },
      base_at: from.at?.toISOString() ?? null,
      head_at: to.at?.toISOString() ?? null,
      ...compared,
      ...{ total: totalOf(found.length), next },
      findings: page.map((each) => ({ ...findingToWire(each), change: each.change })),
    };
    return { body, rows: page.map((each) => ({ change: each.change, ...findingToRow(each) })), next };
  });

  serveView(app, COMPARE_PACKAGES, callerOf, async ({ query: { base, head, type, q, limit, after } }) => {
    const idOf = async (digest: string): Promise<number> => (await loadImage(db, digest, dayAgo(now()))).id;
    const [from, to] = [await versionsIn(db, await idOf(base)), await versionsIn(db, await idOf(head))];
    const wanted = q?.toLowerCase() ?? '';
    const found = differingPackages(from, to, versionsOf).filter(
      (each) => (type === undefined || each.type === type) && each.package.toLowerCase().includes(wanted),
    );
    const key = (each: PackageChange): string => `${each.type}\0${each.package}`;
    const { page, next } = pageOfAll(found, limit, readCursor(after), key);
    return { body: { total: totalOf(found.length), next, packages: page }, rows: page, next };
  });

  serve(app, EXPORT, async (request, reply, input) => {
    requireRole(callerOf(request), 'view');
    const { digest } = input.params;
    const { format } = input.query;
    const file = await exportReport(digest, format);
    if (file === undefined) throw new AppError('not-found', `image "${digest}" is not indexed`);
    return reply
      .type(file.type)
      .header('content-disposition', `attachment; filename="${digest.replace(':', '-')}.${file.extension}"`)
      .header('content-security-policy', 'sandbox')
      .header('x-content-type-options', 'nosniff')
      .header('cache-control', 'private, no-cache')
      .send(file.body);
  });
}
