/** Paths that are not clean (`//`, `.`, `..`) lead to those that are. */
import type { FastifyInstance } from 'fastify';

/** The path without empty, `.` and `..` segments; a slash at its end stays. */
export function cleanPath(path: string): string {
  const out: string[] = [];
  const segments = path.split('/');
  for (const segment of segments) {
    if (segment === '..') out.pop();
    else if (segment !== '' && segment !== '.') out.push(segment);
  }
  const last = segments.at(-1);
  const isFolder = last === '' || last === '.' || last === '..';
  return out.length === 0 ? '/' : `/${out.join('/')}${isFolder ? '/' : ''}`;
}

/** Adds the redirects; they come after the question who asks, and before the body is read. */
export function redirectUncleanPaths(app: FastifyInstance): void {
  // Whoever answers here never calls `done`: a promise would settle when the client goes, and the request go on.
  app.addHook('preParsing', (request, reply, payload, done) => {
    const [path = '', ...query] = request.url.split('?');
    if (!/\/\/|\/\.\.?(?:\/|$)/.test(path)) return done(null, payload);
    const clean = cleanPath(path);
    const location = query.length === 0 ? clean : `${clean}?${query.join('?')}`;
    // 307: the method and its body stay what they are
    reply.code(307).header('location', location).send();
  });
}
