/** Health and readiness, on an address of their own. */
import { createServer, type Server } from 'node:http';

/**
 * `/healthz`: 200 while the process answers. `/readyz`: 200 when `isReady` says so, else 503.
 * Other paths: 404.
 */
export function createIntrospection(isReady: () => Promise<boolean>): Server {
  return createServer(async (request, response) => {
    const path = request.url?.split('?')[0];
    response.setHeader('x-content-type-options', 'nosniff');
    if (path === '/healthz') {
      response.setHeader('content-type', 'text/plain; charset=utf-8');
      response.end('ok');
    } else if (path === '/readyz') {
      response.setHeader('cache-control', 'no-store');
      if (request.method !== 'GET' && request.method !== 'HEAD') response.statusCode = 405;
      else response.statusCode = (await isReady().catch(() => false)) ? 200 : 503;
      response.setHeader('content-length', 0);
      response.end();
    } else {
      response.statusCode = 404;
      response.setHeader('content-type', 'text/plain; charset=utf-8');
      response.end('404 page not found\n');
    }
  });
}
