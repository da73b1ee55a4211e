/** Where Docker and Podman listen: what the environment names, else the sockets that are there. */
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AppError, messageOf } from '../../errors.ts';
import { type ContextHost, contextHost } from './docker-context.ts';

export type Engine = 'docker' | 'podman';

export interface Endpoint {
  readonly engine: Engine;
  /** As it was named, for messages. */
  readonly where: string;
  readonly origin: URL;
  /** What the connection is made with: a socket, or certificates. */
  readonly connect: {
    readonly socketPath?: string;
    readonly ca?: Buffer;
    readonly cert?: Buffer;
    readonly key?: Buffer;
    readonly rejectUnauthorized?: boolean;
  };
}

/** Returns the places to ask, the first one first; [] if nobody listens. Throws `bad-target` for an address that is none. */
export async function endpointsOf(engine: Engine, env: NodeJS.ProcessEnv): Promise<Endpoint[]> {
  const named = engine === 'docker' ? await dockerHost(env) : namedHost(env.CONTAINER_HOST);
  if (named !== undefined) return [await endpointAt(engine, named)];
  const found: Endpoint[] = [];
  for (const path of usualSockets(engine, env)) {
    const isThere = await stat(path).then(
      (each) => each.isSocket(),
      (error: NodeJS.ErrnoException) => error.code === 'EACCES',
    );
    if (isThere) found.push(atSocket(engine, path, `unix://${path}`));
  }
  return found;
}

/** The sockets that are looked for if nothing is named; for messages, too. */
export function usualSockets(engine: Engine, env: NodeJS.ProcessEnv): string[] {
  const run = env.XDG_RUNTIME_DIR ? [env.XDG_RUNTIME_DIR] : [];
  const home = env.HOME ?? homedir();
  return engine === 'docker'
    ? [
        '/var/run/docker.sock',
        ...run.map((at) => join(at, 'docker.sock')),
        join(home, '.docker/run/docker.sock'),
      ]
    : [...run.map((at) => join(at, 'podman/podman.sock')), '/run/podman/podman.sock'];
}

/** DOCKER_HOST goes before contexts, as in Docker's own client. */
async function dockerHost(env: NodeJS.ProcessEnv): Promise<ContextHost | undefined> {
  if (env.DOCKER_HOST) {
    const wantsTls = Boolean(env.DOCKER_TLS_VERIFY);
    const certificates = env.DOCKER_CERT_PATH ?? join(env.HOME ?? homedir(), '.docker');
    return { host: env.DOCKER_HOST, ...(wantsTls && { certificates }) };
  }
  return contextHost(env);
}

function namedHost(host: string | undefined): ContextHost | undefined {
  return host ? { host } : undefined;
}

/** `unix:///PATH`, `tcp://HOST:PORT`, `npipe:////./pipe/NAME`. */
async function endpointAt(
  engine: Engine,
  { host, certificates, skipVerify }: ContextHost,
): Promise<Endpoint> {
  const [, scheme = '', rest = ''] = /^([a-z]+):(?:\/\/)?(.*)$/s.exec(host) ?? [];
  if (scheme === 'unix' && rest.startsWith('/')) return atSocket(engine, rest, host);
  if (scheme === 'npipe') return atSocket(engine, rest.replaceAll('/', '\\'), host);
  const port = certificates === undefined ? 2375 : 2376;
  const origin = URL.parse(`${certificates === undefined ? 'http' : 'https'}://${rest}`);
  if (!/^(?:tcp|https?)$/.test(scheme) || origin === null || origin.hostname === '')
    throw new AppError(
      'bad-target',
      `${engine} is at ${JSON.stringify(host)}, which cannot be reached: supported are unix:// and tcp://; of another machine, forward its socket with ssh -L`,
    );
  if (origin.port === '') origin.port = String(port);
  const connect = {
    ...(certificates !== undefined && (await readCertificates(certificates))),
    ...(skipVerify && { rejectUnauthorized: false }),
  };
  return { engine, where: host, origin, connect };
}

function atSocket(engine: Engine, socketPath: string, where: string): Endpoint {
  return { engine, where, origin: new URL('http://localhost'), connect: { socketPath } };
}

/** Those of Docker's client: ca.pem, cert.pem and key.pem, as far as they are there. */
async function readCertificates(folder: string) {
  const read = async (name: string): Promise<Buffer | undefined> => {
    try {
      return await readFile(join(folder, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new AppError('bad-target', `cannot read ${join(folder, name)}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  };
  const [ca, cert, key] = [await read('ca.pem'), await read('cert.pem'), await read('key.pem')];
  return { ...(ca && { ca }), ...(cert && key && { cert, key }) };
}
