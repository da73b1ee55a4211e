/**
 * An image of containerd, read from its directory: names in the metadata database, blobs in the content store. Nothing of
 * containerd runs for it, but the directory is its owner's, mostly root's.
 */
import { access, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AppError, messageOf } from '../../errors.ts';
import { type Digest, parseDigest } from '../../model/digest.ts';
import { parseReference, showReference } from '../registry/reference.ts';
import { directoryFiles } from '../target/files.ts';
import type { FoundImage } from '../target/layer-history.ts';
import { readStored } from '../target/oci.ts';
import { type Bolt, openBolt } from './bolt.ts';

export interface ContainerdOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly platform?: string | undefined;
}

const DATABASE = 'io.containerd.metadata.v1.bolt/meta.db';
const CONTENT = 'io.containerd.content.v1.content';
const CONFIG = '/etc/containerd/config.toml';
const NAMESPACES_LIMIT = 1000;
/** Commits of containerd that may come while a name is looked up. */
const TRIES = 5;

/**
 * The image `name` (or digest) of the namespace of `CONTAINERD_NAMESPACE`, or of the one that has it. Throws `bad-target`.
 */
export async function openContainerd(
  name: string,
  { env, platform }: ContainerdOptions,
): Promise<{ name: string; found: FoundImage }> {
  const where = `containerd:${name}`;
  const root = await rootOf(env, where);
  const wanted = readName(name);
  const digest =
    'digest' in wanted ? wanted.digest : await lookUp(root, wanted.full, env.CONTAINERD_NAMESPACE, where);
  const files = { ...directoryFiles(join(root, CONTENT)), name: where };
  const shown = 'full' in wanted ? wanted.full : name;
  try {
    const found = await readStored(files, [{ digest }], platform);
    return { name: shown, found: { ...found, names: 'full' in wanted ? [shown] : [] } };
  } catch (error) {
    if (!(error instanceof AppError) || !/is missing/.test(error.message)) throw error;
    throw new AppError(
      'bad-target',
      `${error.message}; containerd has unpacked it and thrown it away (discard_unpacked_layers), or never had it: scan docker://${name}`,
      { cause: error },
    );
  }
}

/** Where containerd keeps its things: as configured, by default, of k3s, of a user. */
function roots(env: NodeJS.ProcessEnv, configured: string | undefined): string[] {
  const data = env.XDG_DATA_HOME ?? join(env.HOME ?? homedir(), '.local/share');
  return [
    ...(configured === undefined ? [] : [configured]),
    '/var/lib/containerd',
    '/var/lib/rancher/k3s/agent/containerd',
    join(data, 'containerd'),
  ];
}

async function rootOf(env: NodeJS.ProcessEnv, where: string): Promise<string> {
  // CONTAINERD_ROOT is ours: containerd's own programs ask its socket, and have no word for this.
  const candidates = env.CONTAINERD_ROOT ? [env.CONTAINERD_ROOT] : roots(env, await configuredRoot());
  for (const root of candidates) {
    try {
      await access(join(root, DATABASE));
      return root;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES')
        throw new AppError(
          'bad-target',
          `${where}: ${root} cannot be read: permission denied. Run as root.`,
          { cause: error },
        );
    }
  }
  throw new AppError(
    'bad-target',
    `${where}: containerd has no directory here: none of ${candidates.join(', ')} has ${DATABASE}. Set CONTAINERD_ROOT.`,
  );
}

async function configuredRoot(): Promise<string | undefined> {
  const text = await readFile(CONFIG, 'utf8').catch(() => '');
  return /^\s*root\s*=\s*["']([^"']+)["']/m.exec(text)?.[1];
}

type Wanted = { readonly digest: Digest } | { readonly full: string };

function readName(name: string): Wanted {
  if (/^sha(?:256|512):/.test(name)) {
    try {
      return { digest: parseDigest(name) };
    } catch (error) {
      throw new AppError('bad-target', `containerd:${name}: ${messageOf(error)}`, { cause: error });
    }
  }
  return { full: showReference(parseReference(name)) };
}

async function lookUp(
  root: string,
  full: string,
  namespace: string | undefined,
  where: string,
): Promise<Digest> {
  const path = join(root, DATABASE);
  const bad = (why: string, cause?: unknown) => new AppError('bad-target', `${where}: ${why}`, { cause });
  let found: ReadonlyMap<string, string>;
  try {
    await using bolt = await openBolt(path);
    found = await unchanged(bolt, () => targets(bolt, full, namespace));
  } catch (error) {
    throw bad(`cannot read ${path}: ${messageOf(error)}`, error);
  }
  const digests = [...new Set(found.values())];
  const [digest] = digests;
  if (digest === undefined)
    throw bad(
      `containerd has no image ${full}${namespace ? ` in the namespace ${namespace}` : ''}. Scan docker://${full}.`,
    );
  if (digests.length > 1)
    throw bad(
      `several namespaces have an image with this name: set CONTAINERD_NAMESPACE to one of ${[...found.keys()].join(', ')}.`,
    );
  try {
    return parseDigest(digest);
  } catch (error) {
    throw bad(`cannot read ${path}: ${messageOf(error)}`, error);
  }
}

/** What `read` gives if no commit came meanwhile: pages that were replaced may be anything by then. */
async function unchanged<T>(bolt: Bolt, read: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const before = await bolt.generation();
    let error: unknown;
    const value = await read().catch((reason: unknown) => {
      error = reason;
      return undefined;
    });
    if ((await bolt.generation()) !== before) {
      if (tries < TRIES) continue;
      throw new Error('containerd changes it again and again');
    }
    if (error !== undefined) throw error;
    return value as T;
  }
}

/** Digests by namespace (containerd, metadata/buckets.go: v1/NAMESPACE/images/NAME/target/digest). */
async function targets(
  bolt: Bolt,
  full: string,
  namespace: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  const namespaces = namespace ? [namespace] : await bolt.buckets(['v1'], NAMESPACES_LIMIT);
  const found = new Map<string, string>();
  for (const each of namespaces) {
    const value = await bolt.get(['v1', each, 'images', full, 'target', 'digest']);
    if (value !== undefined) found.set(each, value.toString('utf8'));
  }
  return found;
}
