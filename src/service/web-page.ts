/** The web page that shows reports, under the matcher's prefix, so that routing by path needs no other rule. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { asset } from '../asset.ts';
import { STYLE } from '../cli/formats/html-style.ts';
import { isFresh } from '../http/negotiate.ts';

/** Where it is. */
export const WEB_PREFIX = '/matcher/ui';

const NAMES = ['', 'page.js', 'findings.js', 'style.css'] as const;

/** Whether `url` is one of the page's own files, which hold nothing of anybody's. */
export function isWebPage(url: string): boolean {
  const path = url.split('?')[0];
  return NAMES.some((name) => path === `${WEB_PREFIX}/${name}`);
}

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/** Nothing but the page's own files and the API beside it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Static files: what they show is asked of the API, which asks for a token where there are some. */
export function webPageRoutes(app: FastifyInstance): void {
  const read = (name: string): string => readFileSync(asset(`web/${name}`), 'utf8');
  const files: readonly (readonly [name: (typeof NAMES)[number], type: string, content: string])[] = [
    ['', HTML, read('index.html')],
    ['page.js', SCRIPT, read('page.js')],
    ['findings.js', SCRIPT, read('findings.js')],
    ['style.css', 'text/css; charset=utf-8', `${STYLE}\n${read('page.css')}`],
  ];
  for (const [name, type, content] of files) {
    const etag = `"${hash('sha256', content).slice(0, 32)}"`;
    app.route({
      method: ['GET', 'HEAD'],
      url: `${WEB_PREFIX}/${name}`,
      handler(request, reply) {
        reply
          .header('etag', etag)
          .header('cache-control', 'no-cache')
          .header('content-security-policy', POLICY)
          .header('referrer-policy', 'no-referrer')
          .header('x-content-type-options', 'nosniff');
        if (isFresh(request.headers['if-none-match'], etag)) return reply.code(304).send();
        return reply.type(type).send(content);
      },
    });
  }
}
