/** `console/…` over all images: overview, trend, vulnerabilities, packages, search; and who asks. */
import type { FastifyInstance } from 'fastify';
import type { UnknownVulnerability } from '../../../model/api/console/types.ts';
import { type ConsoleContext, dayAgo } from '../context.ts';
import {
  CONSOLE_CVE,
  CONSOLE_CVE_IMAGES,
  CONSOLE_CVES,
  CONSOLE_LABELS,
  CONSOLE_PACKAGE,
  CONSOLE_PACKAGE_IMAGES,
  CONSOLE_PACKAGES,
  OVERVIEW,
  SEARCH,
  SESSION,
  TREND,
} from '../operations/fleet.ts';
import { momentOf, readCursor, sortingOf } from '../paging.ts';
import { type ConsoleAnswer, serveView } from '../serve-console.ts';
import { listCveImages } from '../views/cve-images.ts';
import { findLabel, listLabels } from '../views/labels.ts';
import { cveSorting, cveSource, cveToWire, listCves } from '../views/list-cves.ts';
import { FLEET_KEYS, fleetToWire, listPackages } from '../views/list-packages.ts';
import { findCve, loadCve } from '../views/load-cve.ts';
import { listPackageImages, loadPackage } from '../views/load-package.ts';
import { overviewOf } from '../views/overview.ts';
import { search } from '../views/search.ts';
import { loadTrend } from '../views/trend.ts';

export function consoleFleetRoutes(app: FastifyInstance, context: ConsoleContext): void {
  const { db, now, callerOf, matcher, triage } = context;

  serveView(app, SESSION, callerOf, async ({ caller }) => ({ body: { ...caller, triage } }));

  serveView(app, OVERVIEW, callerOf, async ({ query: { tags, since, label } }) => {
    const from = since === undefined ? dayAgo(now()) : momentOf(since, now());
    const wanted = { all: tags === 'all', from, label: await findLabel(db, label) };
    return { body: await overviewOf(context, wanted) };
  });

  serveView(app, CONSOLE_LABELS, callerOf, async ({ query: { tags, ...asked } }) => ({
    body: await listLabels(db, { ...asked, all: tags === 'all' }),
  }));

  serveView(app, TREND, callerOf, async ({ query }) => ({ body: await loadTrend(db, query.days, now()) }));

  serveView(app, CONSOLE_CVES, callerOf, async ({ query }) => {
    const { tags, sort, limit, after, since, label, ...filter } = query;
    const source = cveSource(tags === 'all', await findLabel(db, label));
    const { total, cves, next } = await listCves(
      db,
      source,
      { ...filter, ...(since !== undefined && { since: momentOf(since, now()) }) },
      sortingOf(sort, cveSorting(source)),
      { limit, after: readCursor(after) },
    );
    const wire = cves.map(cveToWire);
    const rows = wire.map((cve) => ({
      ...cve,
      cvss: cve.cvss?.score ?? null,
      epss: cve.epss?.score ?? null,
    }));
    return { body: { total, next, cves: wire }, rows, next };
  });

  serveView(app, CONSOLE_CVE, callerOf, async ({ params }) => {
    const body = await loadCve(db, params.id);
    return body === undefined ? await unknown(params.id) : { body };
  });

  serveView(app, CONSOLE_CVE_IMAGES, callerOf, async ({ params, query }) => {
    const { state, label, q, tags, decided, limit, after } = query;
    const row = await findCve(db, params.id);
    if (row === undefined) {
      const known = await loadCve(db, params.id);
      if (known === undefined) return await unknown(params.id);
      const states = { affected: 0, not_affected: 0, unknown: 0 };
      return { body: { total: 0, states, next: null, images: [] }, rows: [] };
    }
    const filter = { state, label, q, decided, newest: tags === 'newest' };
    const body = await listCveImages(db, row.id, filter, { limit, after: readCursor(after) });
    const rows = body.images.map(({ image, decision, ...each }) => ({
      ...image,
      ...each,
      decision: decision?.status ?? null,
    }));
    return { body, rows, next: body.next };
  });

  serveView(app, CONSOLE_PACKAGES, callerOf, async ({ query }) => {
    const { sort, limit, after, ...filter } = query;
    const sorting = sortingOf(sort, FLEET_KEYS);
    const { total, packages, next } = await listPackages(db, filter, sorting, {
      limit,
      after: readCursor(after),
    });
    const wire = packages.map(fleetToWire);
    return { body: { total, next, packages: wire }, rows: wire, next };
  });

  serveView(app, CONSOLE_PACKAGE, callerOf, async ({ query: { type, name } }) => ({
    body: await loadPackage(db, type, name),
  }));

  serveView(app, CONSOLE_PACKAGE_IMAGES, callerOf, async ({ query }) => {
    const { tags, limit, after, ...asked } = query;
    const page = { limit, after: readCursor(after) };
    const body = await listPackageImages(db, { ...asked, newest: tags === 'newest' }, page);
    const rows = body.images.map(({ image, ...each }) => ({ ...image, ...each }));
    return { body, rows, next: body.next };
  });

  serveView(app, SEARCH, callerOf, async ({ query: { q, limit } }) => ({ body: await search(db, q, limit) }));

  /** That no feed knows it proves nothing while a feed is missing. */
  async function unknown(id: string): Promise<ConsoleAnswer> {
    const feeds = await matcher.feedStatus();
    const current = feeds.length > 0 && feeds.every(({ state }) => state === 'ok');
    const body: UnknownVulnerability = {
      code: 'unknown-vulnerability',
      message: `no image has "${id.slice(0, 200)}", and no loaded feed knows it`,
      feeds_current: current,
    };
    return { body, status: 404 };
  }
}
