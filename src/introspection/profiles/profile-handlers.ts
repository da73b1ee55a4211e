/** `/debug/pprof/`: profiles over HTTP, one at a time, for a bounded time. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { getHeapSnapshot, getHeapStatistics } from 'node:v8';
import { AppError, ERRORS } from '../../errors.ts';
import { type Handler, text } from '../listener.ts';
import { createProfiler, type ProfileKind } from './profiler.ts';

/** Seconds of a profile. */
const SECONDS = { cpu: 30, heap: 10, most: 300 };
/** A snapshot takes about as much memory again, and stops the process meanwhile. */
const SNAPSHOT_LIMIT = 1024 * 1024 * 1024;

export interface ProfileOptions {
  /** Throws, with the reason, unless the request has a token of the API's; undefined: there are none. */
  readonly authenticate?: ((request: IncomingMessage) => Promise<void>) | undefined;
  /** The whole run's is being taken: V8 takes one at a time. */
  readonly heapIsTaken: boolean;
}

const INDEX = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>/debug/pprof/</title>
<h1>Profiles</h1>
<ul>
<li><a href="profile">profile</a>: CPU profile, for <code>?seconds=</code> (default ${SECONDS.cpu}, at most ${SECONDS.most}); a .cpuprofile
<li><a href="heap">heap</a>: memory allocated during the time and still in use, for <code>?seconds=</code> (default ${SECONDS.heap}); a .heapprofile
<li><a href="snapshot">snapshot</a>: all memory in use; a .heapsnapshot. It contains the values of all strings, and blocks the process while it is taken
<li><a href="cmdline">cmdline</a>: how the process was started
</ul>
<p>Open them in the DevTools of Chrome (Performance, Memory) or in speedscope. One at a time.
</html>
`;

/** By path. differs: the profiles are V8's, and there are those that V8 has; Clair's are Go's (clair-service.md#introspection) */
export function profileHandlers({
  authenticate,
  heapIsTaken,
}: ProfileOptions): Readonly<Record<string, Handler>> {
  const profiler = createProfiler();

  const take =
    (kind: ProfileKind): Handler =>
    async (request, response) => {
      if (kind === 'heap' && heapIsTaken) {
        throw new AppError('too-many-requests', 'a profile of the whole run is being taken: see -memprofile');
      }
      const seconds = secondsOf(request, SECONDS[kind]);
      const profile = await profiler.take(kind, seconds, goneSignal(response));
      download(response, `clair-${process.pid}.${kind}profile`);
      response.end(profile);
    };

  const snapshot: Handler = async (_request, response) => {
    const { used_heap_size: used } = getHeapStatistics();
    if (used > SNAPSHOT_LIMIT) {
      throw new AppError('bad-request', `the heap is too big for a snapshot: ${used} bytes; take heap`);
    }
    await profiler.alone(async () => {
      download(response, `clair-${process.pid}.heapsnapshot`);
      await pipeline(getHeapSnapshot(), response);
    });
  };

  // differs: profiles are for anyone who has a token, or is on this machine: they stop or slow the process, and show what it
  // has in memory; Clair returns them to every client (clair-service.md#introspection)
  const guarded =
    (handler: Handler): Handler =>
    async (request, response) => {
      if (!isLocal(request)) {
        try {
          if (authenticate === undefined) throw new Error('no `auth` is configured');
          await authenticate(request);
        } catch {
          response.setHeader('www-authenticate', 'Bearer');
          return text(response, 401, 'profiles require a token of `auth`, or a request from this machine\n');
        }
      }
      await handler(request, response);
    };

  const handlers: Readonly<Record<string, Handler>> = {
    '/debug/pprof/': async (request, response) => {
      if (request.url?.split('?')[0] !== '/debug/pprof/') return text(response, 404, '404 page not found\n');
      text(response, 200, INDEX, 'text/html');
    },
    '/debug/pprof/cmdline': async (_request, response) => text(response, 200, process.argv.join('\0')),
    '/debug/pprof/profile': told(take('cpu')),
    '/debug/pprof/heap': told(take('heap')),
    '/debug/pprof/snapshot': told(snapshot),
  };
  return Object.fromEntries(Object.entries(handlers).map(([path, handler]) => [path, guarded(handler)]));
}

const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/;
const LOCAL_NAME = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/**
 * Whether it comes from this machine, and from no proxy on it for somebody else. By the name that it was asked by as
 * well: a page in a browser of this machine may have one of its own that leads here.
 */
function isLocal({ socket, headers }: IncomingMessage): boolean {
  const isForwarded = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'via'].some(
    (name) => name in headers,
  );
  return LOOPBACK.test(socket.remoteAddress ?? '') && LOCAL_NAME.test(headers.host ?? '') && !isForwarded;
}

/** HEAD takes no profile; what cannot be done is told as text. */
function told(handler: Handler): Handler {
  return async (request, response) => {
    if (request.method === 'HEAD') return text(response, 200, '');
    try {
      await handler(request, response);
    } catch (error) {
      if (!(error instanceof AppError) || response.headersSent) throw error;
      text(response, ERRORS[error.code].status, `${error.message}\n`);
    }
  };
}

function secondsOf(request: IncomingMessage, fallback: number): number {
  const said = new URL(request.url ?? '/', 'http://localhost').searchParams.get('seconds');
  if (said === null) return fallback;
  const seconds = Number(said);
  if (said.trim() === '' || !(seconds > 0 && seconds <= SECONDS.most)) {
    throw new AppError('bad-request', `seconds: expected a number above 0 and at most ${SECONDS.most}`);
  }
  return seconds;
}

/** Nobody waits for the profile any more. */
function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  void once(response, 'close').then(() => gone.abort(new AppError('bad-request', 'client disconnected')));
  return gone.signal;
}

function download(response: ServerResponse, name: string): void {
  response.setHeader('content-type', 'application/json');
  response.setHeader('content-disposition', `attachment; filename="${name}"`);
  response.setHeader('cache-control', 'no-store');
}
