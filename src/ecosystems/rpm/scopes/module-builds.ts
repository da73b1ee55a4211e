/** Which packages a build of a module has: the modulemd documents of a repository, `modules.yaml` in its metadata. */
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { AppError, messageOf } from '../../../errors.ts';
import { unpacked } from '../../../feeds/keep-body.ts';
import { openSpooled } from '../../../lib/spooled-file.ts';
import { ANY_MODULE } from '../../../model/advisory.ts';

/** Fedora's has some MiB for all modules, and some hundred KiB for the longest one. */
const MAX_BYTES = 256 * 1024 * 1024;
const MAX_DOCUMENT = 8 * 1024 * 1024;
const MAX_BUILDS = 50_000;
const MAX_ALIASES = 100;

/** Attributes as `<package>` of an update has them. */
type PackageAttributes = Readonly<Record<'name' | 'epoch' | 'version' | 'release' | 'arch', string>>;

export interface ModuleBuild {
  /** `NAME:STREAM` */
  readonly module: string;
  readonly packages: readonly PackageAttributes[];
}

/** By the name of the build: `NAME-STREAM-VERSION.CONTEXT`, as Koji writes it. */
export type ModuleBuilds = ReadonlyMap<string, ModuleBuild>;

/** NAME-STREAM-VERSION.CONTEXT; a dash within the stream is an underscore there. */
const BUILD = /(?<![\w.+-])([\w.+-]{1,200})-([\w.+]{1,100})-(\d{1,20}\.[0-9a-f]{8,16})(?![\w.+-])/g;

/** The builds of modules that the title of an update names: those of `builds`, or with no packages those that it does not have. */
export function buildsIn(title: string, builds: ModuleBuilds): ModuleBuild[] {
  return [...title.matchAll(BUILD)].map(([build, name, stream = '']) => {
    const known = builds.get(build);
    return known ?? { module: stream.includes('_') ? ANY_MODULE : `${name}:${stream}`, packages: [] };
  });
}

const text = z.string().min(1).max(1000);
const Modulemd = z.object({
  document: z.literal('modulemd'),
  data: z.object({
    name: text,
    stream: text,
    version: text,
    context: text,
    artifacts: z.object({ rpms: z.array(z.unknown()) }),
  }),
});

/** The builds in the file at `path`, packed or not. Throws `feed`, naming the feed, if it cannot be unpacked or is too long. */
export async function readModuleBuilds(path: string, feed: string): Promise<ModuleBuilds> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of unpacked(openSpooled(path), feed)) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new AppError('feed', `${feed}: more than ${MAX_BYTES} bytes of modules`);
    chunks.push(chunk);
  }
  const builds = new Map<string, ModuleBuild>();
  for (const document of Buffer.concat(chunks)
    .toString()
    .split(/^---.*$/m)) {
    const found = builds.size < MAX_BUILDS ? buildOf(document) : undefined;
    if (found !== undefined) builds.set(...found);
  }
  return builds;
}

/** undefined: it is of another kind, lists no packages, or cannot be read; an update that needs it tells so. */
function buildOf(document: string): [string, ModuleBuild] | undefined {
  if (document.length > MAX_DOCUMENT || !/^document: *["']?modulemd["']? *$/m.test(document))
    return undefined;
  const read = Modulemd.safeParse(parsed(document));
  if (!read.success) return undefined;
  const { name, stream, version, context, artifacts } = read.data.data;
  const packages = artifacts.rpms.flatMap((rpm) => (typeof rpm === 'string' ? packageOf(rpm) : []));
  const build = `${name}-${stream.replaceAll('-', '_')}-${version}.${context}`;
  return [build, { module: `${name}:${stream}`, packages }];
}

function parsed(document: string): unknown {
  try {
    // All scalars as they are written: streams and versions look like numbers.
    return parseDocument(document, { schema: 'failsafe', logLevel: 'silent' }).toJS({
      maxAliasCount: MAX_ALIASES,
    });
  } catch (error) {
    return messageOf(error);
  }
}

/** Of NAME-EPOCH:VERSION-RELEASE.ARCH. */
function packageOf(rpm: string): PackageAttributes[] {
  const [, name, epoch, version, release, arch] =
    /^(\S{1,1000})-(\d{1,10}):([^\s-]{1,500})-([^\s-]{1,500})\.(\w{1,20})$/.exec(rpm) ?? [];
  return name === undefined
    ? []
    : [{ name, epoch: epoch!, version: version!, release: release!, arch: arch! }];
}
