/** The two requests of the Docker Engine API that an image takes, which Podman answers as well: what it is, and its archive. */
import type { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { AppError, messageOf } from '../../errors.ts';
import { HTTP1 } from '../../lib/dispatcher.ts';
import { readAll } from '../../lib/read-all.ts';
import type { Endpoint } from './endpoint.ts';

const Inspected = z.object({
  Id: z.string().regex(/^(?:sha256:)?[0-9a-f]{64}$/),
  RepoTags: z.array(z.string()).nullish(),
  RepoDigests: z.array(z.string()).nullish(),
  Os: z.string().optional(),
  Architecture: z.string().optional(),
  Variant: z.string().optional(),
  Size: z.number().optional(),
});
export type InspectedImage = z.infer<typeof Inspected>;

export interface EngineClient extends AsyncDisposable {
  /** undefined: the engine has no such image. Throws `bad-target`. */
  inspect(name: string, signal: AbortSignal): Promise<InspectedImage | undefined>;
  /** The archive of the image `id`, as `docker save` writes it. Throws `bad-target`. */
  archive(id: string, signal: AbortSignal): Promise<Readable>;
}

const ANSWER_LIMIT = 4 * 1024 ** 2;
const ERROR_LIMIT = 16 * 1024;
/** Podman writes the whole archive before it answers. */
const ARCHIVE_MS = 600_000;
const Problem = z.object({ message: z.string() });

/** Nothing is sent before the first question. */
export function engineClient({ engine, where, origin, connect }: Endpoint): EngineClient {
  const agent = new Agent({ ...HTTP1, connect, connections: 1 });
  const get = async (path: string, signal: AbortSignal, ms: number) => {
    try {
      const dispatcher = agent;
      return await request(new URL(path, origin), {
        dispatcher,
        signal,
        headersTimeout: ms,
        bodyTimeout: ms,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw new AppError('bad-target', `${engine} at ${where} could not be asked: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  };
  const refused = async (status: number, body: Readable): Promise<AppError> => {
    const text = await readAll(body, ERROR_LIMIT, () => new Error('too long')).catch(() => Buffer.alloc(0));
    const said = Problem.safeParse(jsonIn(text))
      .data?.message.replace(/[^\x20-\x7e]/g, ' ')
      .slice(0, 200);
    return new AppError('bad-target', `${engine} at ${where} answers ${status}${said ? ` (${said})` : ''}`);
  };
  return {
    async inspect(name, signal) {
      const { statusCode, body } = await get(`/images/${pathOf(name)}/json`, signal, 30_000);
      if (statusCode === 404) {
        await body.dump();
        return undefined;
      }
      if (statusCode !== 200) throw await refused(statusCode, body);
      const tooLong = () => new AppError('bad-target', `${engine} at ${where} answers with too much`);
      const inspected = Inspected.safeParse(jsonIn(await readAll(body, ANSWER_LIMIT, tooLong)));
      if (!inspected.success)
        throw new AppError('bad-target', `${engine} at ${where} does not answer as the Docker Engine API`);
      return inspected.data;
    },
    async archive(id, signal) {
      const { statusCode, body } = await get(`/images/${pathOf(id)}/get`, signal, ARCHIVE_MS);
      if (statusCode !== 200) throw await refused(statusCode, body);
      return body;
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

/** Names hold slashes, which stay; nothing leads out of the path. Throws `bad-target`. */
function pathOf(name: string): string {
  if (!/^[A-Za-z0-9][\w.:@/+-]{0,999}$/.test(name) || name.split('/').some((part) => /^\.*$/.test(part)))
    throw new AppError('bad-target', `${JSON.stringify(name)} is not the name of an image`);
  return name;
}

function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  const inner = error instanceof AggregateError ? error.errors[0] : error;
  const code = String((inner as NodeJS.ErrnoException | undefined)?.code ?? '');
  const known: Readonly<Record<string, string>> = {
    EACCES: 'permission denied; run as its owner, or as a member of its group',
    ENOENT: 'there is no such socket',
    ECONNREFUSED: 'connection refused',
    ENOTFOUND: 'there is no such host',
    UND_ERR_HEADERS_TIMEOUT: 'it does not answer',
    UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  };
  return known[code] ?? (messageOf(inner) || code);
}
