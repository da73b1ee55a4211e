/** `console/images`: the list, and one image with its packages, findings and ledger. */
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../../errors.ts';
import type {
  ConsoleCoverage,
  ConsoleImageCounts,
  ConsoleImageDetail,
} from '../../../model/api/console/types.ts';
import { shownRisk } from '../../../model/risk.ts';
import { type ConsoleContext, dayAgo } from '../context.ts';
import {
  CONSOLE_IMAGE,
  CONSOLE_IMAGE_BY_NAME,
  CONSOLE_IMAGE_COUNTS,
  CONSOLE_IMAGE_COVERAGE,
  CONSOLE_IMAGE_FINDINGS,
  CONSOLE_IMAGE_PACKAGES,
  CONSOLE_IMAGE_WHY,
  CONSOLE_IMAGES,
} from '../operations/images.ts';
import { momentOf, pageOfAll, readCursor, sortingOf, totalOf } from '../paging.ts';
import { serveView } from '../serve-console.ts';
import { facetsOf, filtered, type PlacedFinding, placed, sortFindings } from '../views/filter-findings.ts';
import { findingToRow, findingToWire } from '../views/finding-wire.ts';
import { groupPackages, sortGroups, versionsByType } from '../views/group-packages.ts';
import { imageToWire } from '../views/image-row.ts';
import { ledgerToWire } from '../views/ledger-wire.ts';
import { countImages, IMAGE_KEYS, type ImageFilter, listImages } from '../views/list-images.ts';
import { loadFindings } from '../views/load-findings.ts';
import { type LoadedImage, loadByName, loadImage, loadPrevious } from '../views/load-image.ts';
import { whyToWire } from '../views/why-wire.ts';

type ImageQuery = Omit<ImageFilter, 'newest' | 'changedSince'> & {
  readonly tags: 'newest' | 'all';
  readonly changed?: string | undefined;
};

/** Upgrades that an image is shown with. */
const UPGRADES = 3;

export function consoleImageRoutes(app: FastifyInstance, context: ConsoleContext): void {
  const { db, now, callerOf, ecosystems, matcher } = context;
  const versionsOf = versionsByType(ecosystems);

  serveView(app, CONSOLE_IMAGES, callerOf, async ({ query }) => {
    const { sort, limit, after, ...filter } = query;
    const { total, images, next } = await listImages(db, filterOf(filter), sortingOf(sort, IMAGE_KEYS), {
      limit,
      after: readCursor(after),
      since: dayAgo(now()),
    });
    const wire = images.map(imageToWire);
    const rows = wire.map(({ names, counts, coverage, change_24h: change, decided, ...image }) => ({
      ...{ digest: image.digest, name: names.map(({ name, tag }) => `${name}:${tag}`) },
      ...image,
      ...counts,
      ...{ coverage: coverage.state, checked: coverage.checked, new_24h: change.new, gone_24h: change.gone },
      ...decided,
    }));
    return { body: { total, next, images: wire }, rows, next };
  });

  serveView(app, CONSOLE_IMAGE_COUNTS, callerOf, async ({ query }) => {
    const [counts, feeds] = await Promise.all([
      countImages(db, filterOf(query), dayAgo(now())),
      matcher.feedStatus(),
    ]);
    const loaded = Math.max(0, ...feeds.map(({ lastSuccess }) => lastSuccess?.getTime() ?? 0));
    const body: ConsoleImageCounts = {
      ...counts,
      loaded: loaded === 0 ? null : new Date(loaded).toISOString(),
    };
    return { body };
  });

  serveView(app, CONSOLE_IMAGE, callerOf, async ({ params }) => {
    return { body: await detailOf(await loadImage(db, params.digest, dayAgo(now()))) };
  });

  serveView(app, CONSOLE_IMAGE_BY_NAME, callerOf, async ({ query }) => {
    const digest = await loadByName(db, query.name);
    return { body: await detailOf(await loadImage(db, digest, dayAgo(now()))) };
  });

  serveView(app, CONSOLE_IMAGE_PACKAGES, callerOf, async ({ params, query }) => {
    const { findings } = await findingsOf(params.digest);
    const { sort, limit, after, ...filter } = query;
    const found = filtered(findings, filter);
    const groups = sortGroups(groupPackages(found, versionsOf), sort).map(({ wire }) => wire);
    const { page, next } = pageOfAll(
      groups,
      limit,
      readCursor(after),
      ({ type, source, version }) => `${type}\0${source}\0${version}`,
    );
    return {
      body: {
        total: { packages: groups.length, findings: found.length },
        facets: facetsOf(findings, filter),
        next,
        packages: page,
      },
      rows: page.map(({ counts, upgrade, ...row }) => ({
        ...row,
        ...counts,
        upgrade: upgrade?.version ?? null,
        fixes: upgrade?.fixes ?? 0,
      })),
      next,
    };
  });

  serveView(app, CONSOLE_IMAGE_FINDINGS, callerOf, async ({ params, query }) => {
    const { findings } = await findingsOf(params.digest);
    const { sort, limit, after, ...filter } = query;
    const found = sortFindings(filtered(findings, filter), sort);
    const key = ({ id, place }: PlacedFinding): string => `${id} ${place}`;
    const { page, next } = pageOfAll(found, limit, readCursor(after), key);
    return {
      body: { total: totalOf(found.length), next, findings: page.map(findingToWire) },
      rows: page.map(findingToRow),
      next,
    };
  });

  serveView(app, CONSOLE_IMAGE_COVERAGE, callerOf, async ({ params }) => {
    const image = await loadImage(db, params.digest, dayAgo(now()));
    const body: ConsoleCoverage = ledgerToWire(image, await matcher.feedStatus());
    return { body };
  });

  serveView(app, CONSOLE_IMAGE_WHY, callerOf, async ({ params, query }) => {
    const explained = await matcher.explainImage(params.digest, query.cve);
    if (explained === undefined) throw new AppError('not-found', `image "${params.digest}" is not indexed`);
    return { body: whyToWire(explained) };
  });

  function filterOf({ tags, changed, ...filter }: ImageQuery): ImageFilter {
    return {
      ...filter,
      newest: tags === 'newest',
      ...(changed !== undefined && { changedSince: momentOf(changed, now()) }),
    };
  }

  async function findingsOf(
    digest: string,
  ): Promise<{ image: LoadedImage; findings: readonly PlacedFinding[] }> {
    const image = await loadImage(db, digest, dayAgo(now()));
    return { image, findings: placed(await loadFindings(db, image.id), image) };
  }

  async function detailOf(image: LoadedImage): Promise<ConsoleImageDetail> {
    const findings = placed(await loadFindings(db, image.id), image);
    const open = findings.filter(({ closes }) => !closes);
    const upgrades = groupPackages(open, versionsOf)
      .filter(({ wire }) => wire.upgrade !== null)
      .sort((a, b) => b.fixableRisk - a.fixableRisk)
      .slice(0, UPGRADES);
    const own = open.filter(({ origin }) => origin === 'own').length;
    return {
      ...imageToWire(image),
      layer_list: image.layer_digests.map((digest, position) => ({
        digest,
        instruction: image.instructions?.[position] ?? null,
        base: position < image.baseLayers,
        findings: open.filter(({ layer }) => layer === digest).length,
      })),
      base: image.base,
      previous: await loadPrevious(db, image.id),
      origin: { base: open.length - own, own },
      not_linked: open.filter(({ linked }) => linked === 'no').length,
      upgrades: upgrades.map(({ wire, fixableRisk }) => ({
        ...{ type: wire.type, source: wire.source, from: wire.version, origin: wire.origin },
        ...{ version: wire.upgrade!.version, fixes: wire.upgrade!.fixes },
        risk: shownRisk(fixableRisk),
        share: image.risk ? Math.min(1, fixableRisk / image.risk) : 0,
      })),
    };
  }
}
