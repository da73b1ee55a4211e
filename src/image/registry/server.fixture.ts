/**
 * A small OCI registry for tests (OCI distribution-spec): logins, tokens that run out, blobs behind presigned addresses
 * on another port that run out too, too many requests, connections that break, ranges; pushes and referrers.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { RegistryContent } from './content.fixture.ts';
import { end, type PushManners, problem, QUIET, servePushes } from './push.fixture.ts';

/** How the registry behaves; may be changed while it runs. */
export interface Manners extends PushManners {
  auth: 'none' | 'basic' | 'bearer';
  /** Passwords by name. Without any, everybody gets a token. */
  users: Readonly<Record<string, string>>;
  /** Refresh tokens that are exchanged for a token. */
  identityTokens: readonly string[];
  /** Requests that one token is good for. */
  tokenUses: number;
  /** Whether blobs are on another port, behind presigned addresses. */
  storage: boolean;
  /** Requests that one presigned address is good for. */
  presignedUses: number;
  /** Requests of each address that get 429 first, with this Retry-After. */
  busy: number;
  retryAfter: string;
  /** Answers with (the rest of) a blob that break off, and after how many bytes. */
  breaks: number;
  breakAfter: number;
  ranges: boolean;
  /** Repositories or tags on a page. */
  page: number;
  /** Answers itself; true: it did. */
  special: (path: string, response: ServerResponse) => boolean;
}

export interface RegistryServerOptions extends Partial<Manners> {
  /** PEM. With `ca`, clients have to show a certificate of it. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string };
}

/** A request that was made. */
export interface Seen {
  readonly method: string;
  /** Host header. */
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
}

export interface TestRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`, as in the name of an image. */
  readonly host: string;
  /** The same of the server that has the blobs if `storage`. */
  readonly storageHost: string;
  readonly content: RegistryContent;
  readonly manners: Manners;
  /** All requests so far, to either port. */
  readonly seen: Seen[];
}

/** Starts it on free ports. */
export async function startRegistry({ tls, ...given }: RegistryServerOptions = {}): Promise<TestRegistry> {
  const manners: Manners = {
    auth: 'none',
    users: {},
    identityTokens: [],
    tokenUses: Number.POSITIVE_INFINITY,
    storage: false,
    presignedUses: Number.POSITIVE_INFINITY,
    busy: 0,
    retryAfter: '0',
    breaks: 0,
    breakAfter: 0,
    ranges: true,
    page: 1000,
    special: () => false,
    ...QUIET,
    ...given,
  };
  const content = new RegistryContent();
  const seen: Seen[] = [];
  const tokens = new Map<string, { uses: number; readonly writes: boolean; readonly lists: boolean }>();
  const presigned = new Map<string, { readonly bytes: Buffer; uses: number }>();
  const refused = new Map<string, number>();
  const scheme = tls ? 'https' : 'http';

  const look = (request: IncomingMessage): URL => {
    const url = new URL(request.url ?? '/', `${scheme}://${request.headers.host}`);
    const { method = '', headers } = request;
    const { authorization, range, host = '' } = headers;
    seen.push({ method, host, path: url.pathname, query: url.search, authorization, range });
    return url;
  };

  const servePush = servePushes(content, manners);

  const api = await listen(tls, async (request, response) => {
    const url = look(request);
    if (manners.special(url.pathname, response)) return;
    if (url.pathname === '/token') return giveToken(request, response, url);
    const turned = refused.get(url.pathname) ?? 0;
    if (turned < manners.busy) {
      refused.set(url.pathname, turned + 1);
      return end(response, 429, problem('TOOMANYREQUESTS'), { 'retry-after': manners.retryAfter });
    }
    if (url.pathname === '/v2/_catalog' || url.pathname.endsWith('/tags/list')) {
      list(request, response, url);
      return;
    }
    const [, repository = '', kind, name = ''] =
      /^\/v2\/(.+?)\/(manifests|blobs\/uploads|blobs|referrers)\/([^/]*)$/.exec(url.pathname) ?? [];
    const writes = kind === 'blobs/uploads' || request.method === 'PUT';
    if (!isAllowed(request, writes)) {
      const wanted = challenge(repository, writes ? 'pull,push' : 'pull');
      return end(response, 401, problem('UNAUTHORIZED'), { 'www-authenticate': wanted });
    }
    if (await servePush(request, response, { url, repository, kind, name })) return;
    if (kind === 'manifests') {
      const found = content.manifest(repository, name);
      // As Docker's registry: an OCI manifest is for those who ask for one by name.
      const isAsked =
        !found?.mediaType.includes('.oci.') || request.headers.accept?.includes(found.mediaType);
      if (!found || !isAsked) return end(response, 404, problem('MANIFEST_UNKNOWN'));
      const body = request.method === 'HEAD' ? '' : found.bytes;
      const digest = `sha256:${createHash('sha256').update(found.bytes).digest('hex')}`;
      return end(response, 200, body, { 'content-type': found.mediaType, 'docker-content-digest': digest });
    }
    const bytes = content.blob(repository, name);
    if (!bytes) return end(response, 404, problem('BLOB_UNKNOWN'));
    if (request.method === 'HEAD') return end(response, 200);
    if (!manners.storage) return send(request, response, bytes, name);
    const signature = `s${presigned.size}`;
    presigned.set(signature, { bytes, uses: 0 });
    const location = `${scheme}://${storage.host}/data/${name}?signature=${signature}`;
    end(response, 307, '', { location });
  });
  const storage = await listen(tls, (request, response) => {
    const url = look(request);
    const found = presigned.get(url.searchParams.get('signature') ?? '');
    // As object stores do: one way to sign in only.
    if (request.headers.authorization !== undefined) return end(response, 400, 'one mechanism only');
    if (!found || found.uses >= manners.presignedUses) return end(response, 403, 'Request has expired');
    found.uses++;
    send(request, response, found.bytes, url.pathname.slice('/data/'.length));
  });

  /** A page of repositories or tags: `n` of them after `last`. */
  function list(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const repository = /^\/v2\/(.+)\/tags\/list$/.exec(url.pathname)?.[1];
    const isCatalog = repository === undefined;
    if (!isAllowed(request, false, isCatalog)) {
      const scope = isCatalog ? 'registry:catalog:*' : `repository:${repository}:pull`;
      const wanted = challenge(repository ?? '', 'pull').replace(/scope=".*"/, `scope="${scope}"`);
      end(response, 401, problem('UNAUTHORIZED'), { 'www-authenticate': wanted });
      return;
    }
    const all = isCatalog ? content.repositories() : content.tagsOf(repository);
    const last = url.searchParams.get('last');
    const rest = all.filter((each) => last === null || each > last);
    const page = rest.slice(0, Math.min(Number(url.searchParams.get('n') ?? 100), manners.page));
    const next = `<${url.pathname}?n=${page.length}&last=${page.at(-1)}>; rel="next"`;
    const body = isCatalog ? { repositories: page } : { name: repository, tags: page };
    end(response, 200, JSON.stringify(body), page.length < rest.length ? { link: next } : {});
  }

  function challenge(repository: string, actions: string): string {
    return manners.auth === 'basic'
      ? 'Basic realm="tests"'
      : `Bearer realm="${scheme}://${api.host}/token",service="tests",scope="repository:${repository}:${actions}"`;
  }

  function isAllowed(
    { headers: { authorization = '' } }: IncomingMessage,
    writes: boolean,
    lists = false,
  ): boolean {
    if (manners.auth === 'none') return true;
    if (manners.auth === 'basic') return isUser(authorization);
    const token = authorization.replace(/^Bearer /, '');
    const found = tokens.get(token);
    if (!found || found.uses >= manners.tokenUses || (writes && !found.writes) || lists !== found.lists)
      return false;
    found.uses++;
    return true;
  }

  function isUser(authorization: string): boolean {
    const pair = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString('utf8');
    return Object.entries(manners.users).some(([name, password]) => pair === `${name}:${password}`);
  }

  async function giveToken(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece as string;
    const form = new URLSearchParams(request.method === 'POST' ? body : url.search);
    const isKnown =
      request.method === 'POST'
        ? manners.identityTokens.includes(form.get('refresh_token') ?? '')
        : Object.keys(manners.users).length === 0 || isUser(request.headers.authorization ?? '');
    const scope = form.get('scope') ?? '';
    const lists = scope === 'registry:catalog:*';
    if (!isKnown || !(lists || /^repository:.+:pull(?:,push)?$/.test(scope))) {
      return end(response, 401, problem('UNAUTHORIZED'));
    }
    const token = `token${tokens.size}`;
    tokens.set(token, { uses: 0, writes: manners.writable && scope.endsWith(',push'), lists });
    end(response, 200, JSON.stringify({ token, expires_in: 300 }));
  }

  function send(request: IncomingMessage, response: ServerResponse, bytes: Buffer, name: string): void {
    const [, first, last] = (manners.ranges && /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')) || [];
    const from = Number(first ?? 0);
    const to = Math.min(last ? Number(last) + 1 : bytes.length, bytes.length);
    const headers = {
      etag: `"${name}"`,
      'content-type': 'application/octet-stream',
      'content-length': to - from,
      ...(first !== undefined && { 'content-range': `bytes ${from}-${to - 1}/${bytes.length}` }),
    };
    const isBeyond = first !== undefined && from >= bytes.length;
    response.writeHead(isBeyond ? 416 : first === undefined ? 200 : 206, isBeyond ? {} : headers);
    if (isBeyond) {
      response.end();
    } else if (manners.breaks > 0 && to - from > 1) {
      manners.breaks--;
      response.write(bytes.subarray(from, Math.min(from + manners.breakAfter, to)));
      setTimeout(() => response.destroy(), 20);
    } else {
      response.end(bytes.subarray(from, to));
    }
  }

  return {
    host: api.host,
    storageHost: storage.host,
    content,
    manners,
    seen,
    async [Symbol.asyncDispose]() {
      await Promise.all([api.close(), storage.close()]);
    },
  };
}

async function listen(
  tls: RegistryServerOptions['tls'],
  handler: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<{ host: string; close: () => Promise<void> }> {
  const server = tls
    ? createTlsServer({ ...tls, requestCert: tls.ca !== undefined }, handler)
    : createServer(handler);
  await new Promise<void>((done) => (server as Server).listen(0, '127.0.0.1', done));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
