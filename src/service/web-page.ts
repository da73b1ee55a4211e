/** The console, under the matcher's prefix, so that routing by path needs no other rule. */
import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { AppError } from '../errors.ts';
import { isFresh } from '../http/negotiate.ts';
import { webFolder } from '../web-asset.ts';

/** Where it is. */
const WEB_PREFIX = '/matcher/ui';

/** Whether `url` is the console's: its files hold no data. */
export function isWebPage(url: string): boolean {
  const path = url.split('?')[0];
  return path === WEB_PREFIX || path?.startsWith(`${WEB_PREFIX}/`) === true;
}

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Nothing but the console's own files and the API beside it; nothing that is written into the page runs. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

interface Asset {
  readonly type: string;
  /** The same one each time: it is compressed once. */
  readonly content: Buffer;
  readonly etag: string;
  /** The name says what is in it. */
  readonly isForever: boolean;
}

/** Static files, and the page for each address of a view. What they show is requested from the API, which authenticates. */
export function webPageRoutes(app: FastifyInstance): void {
  const folder = webFolder();
  const assets = new Map(
    readdirSync(folder).flatMap((name): [string, Asset][] => {
      const type = TYPES[name.split('.').at(-1) ?? ''];
      if (type === undefined || name.startsWith('report.')) return [];
      return [[name, assetOf(readFileSync(new URL(name, folder)), type, /-[A-Z0-9]{8}\.\w+$/.test(name))]];
    }),
  );
  const html = readFileSync(new URL('index.html', folder), 'utf8');
  const pages = new Map<number, Asset>();
  /** A page that lies `depth` directories below the root finds its files and the API from there. */
  const pageAt = (depth: number): Asset => {
    const known = pages.get(depth);
    if (known !== undefined) return known;
    const base = depth === 0 ? './' : '../'.repeat(depth);
    const made = assetOf(Buffer.from(html.replace('BASE', base)), 'text/html; charset=utf-8', false);
    pages.set(depth, made);
    return made;
  };

  app.route({
    method: ['GET', 'HEAD'],
    url: WEB_PREFIX,
    handler: (_request, reply) => reply.redirect(`${WEB_PREFIX}/`, 308),
  });
  app.route({
    method: ['GET', 'HEAD'],
    url: `${WEB_PREFIX}/*`,
    handler(request, reply) {
      const path = (request.url.split('?')[0] ?? '').slice(WEB_PREFIX.length + 1);
      const found = assets.get(path);
      if (found !== undefined) return send(request.headers['if-none-match'], reply, found);
      const depth = path.split('/').length - 1;
      if (depth > MAX_DEPTH) throw new AppError('not-found', 'the console has no page at this address');
      return send(request.headers['if-none-match'], reply, pageAt(depth));
    },
  });
}

/** Names of packages and feeds have slashes; nothing has so many. */
const MAX_DEPTH = 32;

function assetOf(content: Buffer, type: string, isForever: boolean): Asset {
  return { type, content, isForever, etag: `"${hash('sha256', content).slice(0, 32)}"` };
}

function send(match: string | undefined, reply: FastifyReply, asset: Asset): FastifyReply {
  reply
    .header('etag', asset.etag)
    .header('cache-control', asset.isForever ? 'public, max-age=31536000, immutable' : 'no-cache')
    .header('content-security-policy', POLICY)
    .header('referrer-policy', 'no-referrer')
    .header('x-content-type-options', 'nosniff');
  if (isFresh(match, asset.etag)) return reply.code(304).send();
  return reply.type(asset.type).send(asset.content);
}
