/** An image that Docker or Podman has, by its socket: the archive that `docker save` gives, in a private file while it is read. */
import { AppError, messageOf } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { parseReference, showReference } from '../registry/reference.ts';
import { openArchive } from '../target/archive.ts';
import { readArchivedImage } from '../target/archived-image.ts';
import type { FoundImage } from '../target/layer-history.ts';
import { fitness, parsePlatform } from '../target/platform.ts';
import { type SpoolOptions, spool } from '../target/spool.ts';
import { type Endpoint, type Engine, endpointsOf, usualSockets } from './endpoint.ts';
import type { EngineClient, InspectedImage } from './engine-api.ts';

export interface EngineOptions extends SpoolOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly platform?: string | undefined;
  /** Told in words: engines that could not be asked. */
  readonly note?: (text: string) => void;
  /** What an engine that nobody named may take to say whether it has the image, in ms; default: 2000. */
  readonly askMs?: number;
}

export interface EngineImage extends AsyncDisposable {
  readonly engine: Engine;
  readonly where: string;
  readonly name: string;
  readonly found: FoundImage;
}

const ENGINES: readonly Engine[] = ['docker', 'podman'];
const ASK_MS = 2000;

/** The image `name` of the engine. Throws `bad-target`, also if it does not run or does not have it. */
export async function openEngineImage(
  engine: Engine,
  name: string,
  options: EngineOptions,
): Promise<EngineImage> {
  const endpoints = await endpointsOf(engine, options.env);
  if (endpoints.length === 0) {
    const places = usualSockets(engine, options.env).join(', ');
    const variable = engine === 'docker' ? 'DOCKER_HOST' : 'CONTAINER_HOST';
    throw new AppError(
      'bad-target',
      `${engine}:${name}: ${engine} does not run here: no socket at ${places}. Set ${variable}.`,
    );
  }
  for (const endpoint of endpoints) {
    const image = await fromEndpoint(endpoint, name, options, options.signal);
    if (image) return image;
  }
  const where = endpoints.map((each) => each.where).join(', ');
  throw new AppError(
    'bad-target',
    `${engine}:${name}: ${engine} at ${where} has no such image. Pull it, or scan docker://${name}.`,
  );
}

/** The image `name` of the first engine here that has it, for the wanted platform; undefined: none has. Throws `bad-target`. */
export async function findEngineImage(
  name: string,
  options: EngineOptions,
): Promise<EngineImage | undefined> {
  for (const engine of ENGINES) {
    // An engine that is named by mistake, or that hangs, is no reason not to ask the registry.
    const passOver = (error: unknown): undefined => {
      options.signal.throwIfAborted();
      options.note?.(`${messageOf(error)}; it is passed over`);
    };
    const endpoints = (await endpointsOf(engine, options.env).catch(passOver)) ?? [];
    for (const endpoint of endpoints) {
      const limit = AbortSignal.any([options.signal, AbortSignal.timeout(options.askMs ?? ASK_MS)]);
      const image = await fromEndpoint(endpoint, name, options, limit, passOver);
      if (image) return image;
    }
  }
  return undefined;
}

/** `asking` ends the question, not the transfer; `passOver`: what to do with an engine that cannot be asked. */
async function fromEndpoint(
  endpoint: Endpoint,
  name: string,
  options: EngineOptions,
  asking: AbortSignal,
  passOver?: (error: unknown) => undefined,
): Promise<EngineImage | undefined> {
  const { engine, where } = endpoint;
  const { engineClient } = await import('./engine-api.ts');
  await using client = engineClient(endpoint);
  const inspected = await client.inspect(name, asking).catch((error: unknown) => {
    if (passOver === undefined) throw error;
    return passOver(asking.aborted ? new Error(`${engine} at ${where} does not answer`) : error);
  });
  if (inspected === undefined || (passOver && !fits(inspected, options.platform))) return undefined;
  return await read(client, endpoint, name, inspected, options);
}

function fits(
  { Os: os, Architecture: architecture, Variant: variant }: InspectedImage,
  platform?: string,
): boolean {
  if (platform === undefined || !os || !architecture) return true;
  return fitness(parsePlatform(platform), { os, architecture, variant: variant || undefined }) > 0;
}

async function read(
  client: EngineClient,
  { engine, where }: Endpoint,
  name: string,
  { Id, RepoTags, RepoDigests }: InspectedImage,
  options: EngineOptions,
): Promise<EngineImage> {
  const { platform, signal } = options;
  const shown = fullName(name);
  // By its id: a tag may be another image in a moment.
  const id = Id.startsWith('sha256:') ? Id : `sha256:${Id}`;
  await using opened = new AsyncDisposableStack();
  const archived = await client.archive(id, signal);
  const spooled = await spool([archived], `the archive of ${shown} of ${engine} could not be kept`, options);
  opened.defer(spooled.remove);
  const archive = opened.use(await openArchive(spooled.path, { ...options, name: `${engine}:${name}` }));
  const { found } = await readArchivedImage(archive, { tag: '', platform, signal });
  const digests = (RepoDigests ?? []).flatMap((each) => /@(sha256:[0-9a-f]{64})$/.exec(each)?.[1] ?? []);
  const names = [name, ...(RepoTags ?? []), ...found.names].map(fullName).filter((each) => !ID.test(each));
  const owned = opened.move();
  return {
    engine,
    where,
    name: shown,
    found: {
      ...found,
      // What it is called in its registry, be that a manifest or an index.
      indexes: [...new Set([...found.indexes, ...(digests as Digest[])])].filter(
        (digest) => digest !== found.manifest.hash,
      ),
      names: [...new Set(names)],
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Whole or cut, as `docker images` lists them. */
const ID = /^(?:sha256:)?[0-9a-f]{12,64}$/;

/** With Docker's defaults; an id stays as it is. */
function fullName(name: string): string {
  try {
    return ID.test(name) ? name : showReference(parseReference(name));
  } catch {
    return name;
  }
}
