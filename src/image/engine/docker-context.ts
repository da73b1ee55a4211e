/** The contexts of Docker's client: which engine it talks to if DOCKER_HOST names none (docs.docker.com, "Docker contexts"). */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../errors.ts';

export interface ContextHost {
  readonly host: string;
  /** A directory with certificates for TLS. */
  readonly certificates?: string;
  readonly skipVerify?: boolean;
}

const ClientConfig = z.object({ currentContext: z.string().optional() });
const Meta = z.object({
  Endpoints: z.object({
    docker: z.object({ Host: z.string().optional(), SkipTLSVerify: z.boolean().optional() }).optional(),
  }),
});

/** undefined: the context is the default one, which is the usual sockets. Throws `bad-target` if it cannot be read. */
export async function contextHost(env: NodeJS.ProcessEnv): Promise<ContextHost | undefined> {
  const folder = env.DOCKER_CONFIG ?? join(env.HOME ?? homedir(), '.docker');
  const name = env.DOCKER_CONTEXT || (await currentContext(folder));
  if (name === undefined || name === '' || name === 'default') return undefined;
  const id = createHash('sha256').update(name).digest('hex');
  const path = join(folder, 'contexts', 'meta', id, 'meta.json');
  const bad = (why: string, cause?: unknown) =>
    new AppError('bad-target', `the context ${JSON.stringify(name)} of docker ${why}: ${path}`, { cause });
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw bad('cannot be read', error);
  }
  const meta = Meta.safeParse(jsonIn(text));
  const docker = meta.data?.Endpoints.docker;
  if (!docker?.Host) throw bad('names no host');
  const certificates = join(folder, 'contexts', 'tls', id, 'docker');
  const isRemote = !/^(?:unix|npipe):/.test(docker.Host);
  const hasTls = isRemote && (await readFile(join(certificates, 'ca.pem')).then(Boolean, () => false));
  return {
    host: docker.Host,
    ...(hasTls && { certificates }),
    ...(docker.SkipTLSVerify && { skipVerify: true }),
  };
}

/** A configuration that cannot be read names no context: its logins say so where they are needed. */
async function currentContext(folder: string): Promise<string | undefined> {
  try {
    const parsed = ClientConfig.safeParse(jsonIn(await readFile(join(folder, 'config.json'), 'utf8')));
    return parsed.data?.currentContext;
  } catch {
    return undefined;
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
