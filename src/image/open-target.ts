/** Turns what is named on the command line into something to index: a directory, an archive, a layout, an image in a registry. */
import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError, messageOf } from '../errors.ts';
import type { Digest } from '../model/digest.ts';
import type { Manifest } from '../model/manifest.ts';
import { openContainerd } from './engine/containerd.ts';
import type { Engine } from './engine/endpoint.ts';
import { type EngineImage, findEngineImage, openEngineImage } from './engine/engine-image.ts';
import { parseReference, showReference } from './registry/reference.ts';
import { openRegistry, type RegistryOptions } from './registry/registry.ts';
import { openArchive } from './target/archive.ts';
import { type ArchiveKind, readArchivedImage } from './target/archived-image.ts';
import { directoryFiles } from './target/files.ts';
import { type FoundImage, readHistory } from './target/layer-history.ts';
import { readLayout } from './target/oci.ts';

export type TargetKind =
  | 'dir'
  | 'oci'
  | 'oci-archive'
  | 'docker-archive'
  | 'registry'
  | Engine
  | 'containerd';

/** Something to index; disposing removes what was unpacked for it. */
export interface Target extends AsyncDisposable {
  /** As a report shows it: a path, or the full name of an image. */
  readonly name: string;
  readonly kind: TargetKind;
  /**
   * Layers are `http(s)` URLs with headers, `file:` URLs (for members of an archive with `offset` and `length`), or
   * one `dir:` URL: a directory to walk, whose hash names the place and not the content.
   */
  readonly manifest: Manifest;
  /** Digests of the indexes that it was chosen from, and its names where it was found: see `FoundImage`. */
  readonly indexes: readonly Digest[];
  readonly names: readonly string[];
  /** By position of the layer: the command that made it; [] if nobody knows. */
  readonly history: () => Promise<readonly string[]>;
}

export interface TargetOptions {
  /** `os/architecture[/variant]`; default: Linux on this machine's architecture. */
  readonly platform?: string;
  readonly signal: AbortSignal;
  /** Where compressed archives are unpacked to. */
  readonly spoolDir: string;
  /** How a registry is reached; without it as the environment and the files of Docker and Podman say. */
  readonly registry?: RegistryFlags;
  readonly env: NodeJS.ProcessEnv;
  /** A directory is walked into file systems that are mounted below it, too. */
  readonly crossMounts?: boolean;
  /** What to know of the choice, in words: which engine had the image, which could not be asked. */
  readonly note?: (text: string) => void;
}

/** `insecure` allows plain HTTP and certificates that cannot be verified. */
export type RegistryFlags = Partial<
  Pick<RegistryOptions, 'insecure' | 'plainHttp' | 'caCert' | 'login' | 'retry'>
>;

/**
 * `dir:PATH`, `oci:PATH[:TAG]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE[:TAG]`, `docker://NAME` of a registry,
 * `docker:NAME`, `podman:NAME`, `containerd:NAME`; a path that is there and recognised; else the name of an image, which
 * Docker or Podman of this machine have, or a registry. Throws `bad-target`.
 */
export async function openTarget(text: string, options: TargetOptions): Promise<Target> {
  const explicit = /^(dir|oci|oci-archive|docker-archive):(.*)$/s.exec(text);
  if (explicit) {
    const [, kind, rest = ''] = explicit;
    if (rest === '') throw new AppError('bad-target', `${text} names no path: expected ${kind}:PATH`);
    if (kind === 'dir') return openDirectory(rest, options);
    const { path, tag } = await splitTag(rest);
    if (kind === 'oci') return openLayout(path, tag, options);
    return openFile(path, tag, options, kind as ArchiveKind);
  }
  if (text.startsWith('docker://')) return openImage(text.slice('docker://'.length), options);
  const [, engine, name = ''] = /^(docker|podman|containerd):(.*)$/s.exec(text) ?? [];
  if (engine !== undefined) {
    if (name === '') throw new AppError('bad-target', `${text} names no image: expected ${engine}:NAME`);
    if (engine === 'containerd') {
      const { name: shown, found } = await openContainerd(name, options);
      return target(shown, 'containerd', found);
    }
    return ofEngine(await openEngineImage(engine as Engine, name, options));
  }

  const there = await stat(text).catch(() => undefined);
  if (there?.isDirectory()) {
    const isLayout = (await directoryFiles(text).size('oci-layout')) !== undefined;
    return isLayout ? openLayout(text, '', options) : openDirectory(text, options);
  }
  if (there) return openFile(text, '', options);
  if (/^(?:\.{0,2}\/|~)|^\.{1,2}$/.test(text)) {
    throw notThere(text, await stat(text).catch((error: unknown) => error));
  }
  try {
    parseReference(text);
  } catch (error) {
    throw new AppError(
      'bad-target',
      `${JSON.stringify(text)} is not a supported target: no file or directory of that name exists, and ${messageOf(error)}; ` +
        'expected dir:PATH, oci:PATH[:TAG], oci-archive:FILE, docker-archive:FILE, sbom:FILE, a path, or NAME[:TAG][@DIGEST] after docker://, docker:, podman:, containerd: or nothing',
      { cause: error },
    );
  }
  const local = await findEngineImage(text, options);
  if (local === undefined) return openImage(text, options);
  options.note?.(
    `${local.engine} at ${local.where} has ${local.name}: it is scanned (docker://${text} asks the registry)`,
  );
  return ofEngine(local);
}

function ofEngine(image: EngineImage): Target {
  return target(image.name, image.engine, image.found, async () => image[Symbol.asyncDispose]());
}

async function openDirectory(path: string, { crossMounts }: TargetOptions): Promise<Target> {
  if (!(await statTarget(path)).isDirectory()) throw new AppError('bad-target', `${path} is not a directory`);
  const real = await realpath(path);
  const hash = `sha256:${createHash('sha256').update(`dir:${real}`).digest('hex')}` as Digest;
  const uri = pathToFileURL(real).href.replace(/^file:/, 'dir:') + (crossMounts ? '?mounts=cross' : '');
  const manifest = { hash, layers: [{ hash, uri, headers: {} }] };
  return target(path, 'dir', { manifest, indexes: [], names: [], config: async () => undefined });
}

async function openLayout(path: string, tag: string, { platform }: TargetOptions): Promise<Target> {
  if (!(await statTarget(path)).isDirectory()) {
    throw new AppError('bad-target', `${path} is not a directory. For an archive, use oci-archive:${path}`);
  }
  const found = await readLayout(directoryFiles(resolve(path)), tag, platform);
  return target(tag === '' ? path : `${path}:${tag}`, 'oci', found);
}

/** An archive of the kind that it is said to be, or of the kind that its members show. */
async function openFile(
  path: string,
  tag: string,
  options: TargetOptions,
  said?: ArchiveKind,
): Promise<Target> {
  if (!(await statTarget(path)).isFile()) throw new AppError('bad-target', `${path} is not a regular file`);
  const archive = await openArchive(path, options);
  try {
    const { kind, found } = await readArchivedImage(archive, { ...options, tag, said });
    const name = tag === '' ? path : `${path}:${tag}`;
    return target(name, kind, found, async () => archive[Symbol.asyncDispose]());
  } catch (error) {
    await archive[Symbol.asyncDispose]();
    throw error;
  }
}

async function openImage(text: string, { registry, platform, signal, env }: TargetOptions): Promise<Target> {
  const reference = parseReference(text);
  const image = await openRegistry(reference, {
    insecure: false,
    ...registry,
    signal,
    env,
    ...(platform !== undefined && { platform }),
  });
  return target(showReference(reference), 'registry', image, async () => image[Symbol.asyncDispose]());
}

function target(
  name: string,
  kind: TargetKind,
  { manifest, indexes, names, config }: FoundImage,
  dispose = async () => {},
): Target {
  const history = async (): Promise<readonly string[]> => {
    const bytes = await config();
    return bytes === undefined ? [] : readHistory(bytes, manifest.layers.length);
  };
  return { name, kind, manifest, indexes, names, history, [Symbol.asyncDispose]: dispose };
}

/** `PATH[:TAG]`, where both may hold colons: the longest path that is there. */
async function splitTag(text: string): Promise<{ path: string; tag: string }> {
  let end = text.length;
  for (let tries = 0; end > 0 && tries < 16; tries++) {
    const path = text.slice(0, end);
    if (await stat(path).catch(() => undefined)) return { path, tag: text.slice(end + 1) };
    end = Math.max(text.lastIndexOf(':', end - 1), text.lastIndexOf('@', end - 1));
  }
  return { path: text, tag: '' };
}

async function statTarget(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    throw notThere(path, error);
  }
}

function notThere(path: string, error: unknown): AppError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const reason = code === 'EACCES' ? 'permission denied' : 'file or directory not found';
  return new AppError('bad-target', `${path}: ${reason}`, { cause: error });
}
