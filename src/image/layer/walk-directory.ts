/**
 * Looks at a directory tree as if it were a layer: `dir:///path`, or `dir:///path?mounts=cross` to go into other file
 * systems that are mounted below. Nothing outside of it is read, whatever its links say.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  type Stats,
  statfsSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Detector, EntryType } from '../../contract/detector.ts';
import { AppError, messageOf } from '../../errors.ts';
import { RUNNABLE_HEAD } from '../../formats/programs/runnable.ts';
import { readFully } from '../../lib/spill-file.ts';
import type { LayerReference } from '../../model/manifest.ts';
import { byteOrder } from '../tar/clean-path.ts';
import { DetectorRun } from './detector-run.ts';
import { HEAD_BYTES, inspect, interestedIn } from './inspection.ts';
import { KeptFiles } from './kept-files.ts';
import { LayerCollector } from './layer-collector.ts';
import type { LayerBudget } from './layer-limits.ts';
import type { LayerScan } from './layer-scan.ts';
import { readerFile } from './random-access.ts';
import type { Wanted } from './wanted-entries.ts';

export interface DirectoryOptions {
  readonly budget: LayerBudget;
  /** Bytes of the files seen so far. */
  readonly onBytes?: (bytes: number) => void;
}

// statfs(2): f_type of file systems that are views of the kernel, not files that somebody installed: never entered.
const PSEUDO = new Set([
  0x9fa0 /* proc */, 0x62656572 /* sysfs */, 0x1cd1 /* devpts */, 0x27e0eb /* cgroup */,
  0x63677270 /* cgroup2 */, 0x64626720 /* debugfs */, 0x74726163 /* tracefs */, 0x73636673 /* securityfs */,
  0xcafe4a11 /* bpf */, 0x6165676c /* pstore */, 0xde5e81e4 /* efivarfs */, 0x19800202 /* mqueue */,
  0x958458f6 /* hugetlbfs */, 0x65735543 /* fusectl */, 0x62656570 /* configfs */, 0x6e736673 /* nsfs */,
]);

/** Has `detectors` look at the tree. What cannot be read is a problem; what vanishes meanwhile was not there. */
export function walkDirectory(
  reference: LayerReference,
  detectors: readonly Detector[],
  options: DirectoryOptions,
): LayerScan {
  const { budget } = options;
  const root = rootOf(reference);
  const runs = detectors.map((detector) => new DetectorRun(detector, budget));
  const collector = new LayerCollector(runs, budget);
  using kept = new KeptFiles(budget.limits);
  const files = new DirectoryFiles(root.path, collector, kept, budget);

  let ordinal = 0;
  let bytes = 0;
  const pending = [{ path: '', device: root.device }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { path: parent, device } = next;
    budget.check();
    const below: typeof pending = [];
    for (const name of namesIn(root.path, parent, collector)) {
      const path = parent === '' ? name : `${parent}/${name}`;
      const stats = statsOf(root.path, path, collector);
      if (stats === undefined) continue;
      const type = typeOf(stats);
      const size = type === 'file' ? stats.size : 0;
      const link = type === 'symlink' ? linkOf(root.path, path) : undefined;
      const raw = { name: path, type, size, mode: stats.mode & 0o7777, ...(link !== undefined && { link }) };
      const wanted = collector.add(raw, ordinal++);
      bytes += size;
      if (wanted !== undefined) files.take(wanted);
      if (type === 'directory' && mayEnter(join(root.path, path), stats.dev, device, root.crossMounts)) {
        below.push({ path, device: stats.dev });
      }
    }
    options.onBytes?.(bytes);
    pending.push(...below.reverse()); // depth first, in the order of the names
  }
  for (const [missing, path] of collector.missing()) files.keep(missing, path);
  return collector.detections(reference.hash);
}

function rootOf({ uri }: LayerReference): { path: string; device: number; crossMounts: boolean } {
  try {
    const { pathname, searchParams } = new URL(uri);
    const path = fileURLToPath(`file://${pathname}`);
    const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      return { path, device: fstatSync(fd).dev, crossMounts: searchParams.get('mounts') === 'cross' };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw new AppError(
      'layer-unavailable',
      `cannot read directory ${JSON.stringify(uri)}: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

function namesIn(root: string, path: string, collector: LayerCollector): string[] {
  try {
    return readdirSync(join(root, path)).sort(byteOrder);
  } catch (error) {
    if (!isGone(error)) collector.problem(path, `directory cannot be read: ${messageOf(error)}`);
    return [];
  }
}

function statsOf(root: string, path: string, collector: LayerCollector): Stats | undefined {
  try {
    const stats = lstatSync(join(root, path), { throwIfNoEntry: false });
    // Node shows a name that is no UTF-8 so that it cannot be opened any more.
    if (stats === undefined && path.includes('\ufffd')) collector.problem(path, 'name is not UTF-8');
    return stats;
  } catch (error) {
    if (!isGone(error)) collector.problem(path, `cannot be read: ${messageOf(error)}`);
    return undefined;
  }
}

function linkOf(root: string, path: string): string {
  try {
    return readlinkSync(join(root, path));
  } catch {
    return ''; // gone meanwhile
  }
}

function typeOf(stats: Stats): EntryType {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

function mayEnter(path: string, device: number, parentDevice: number, crossMounts: boolean): boolean {
  if (device === parentDevice) return true;
  if (!crossMounts) return false;
  try {
    return !PSEUDO.has(statfsSync(path).type);
  } catch {
    return false; // gone meanwhile
  }
}

function isGone(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP';
}

/** Opens what is wanted. */
class DirectoryFiles {
  readonly #root: string;
  readonly #collector: LayerCollector;
  readonly #kept: KeptFiles;
  readonly #budget: LayerBudget;

  constructor(root: string, collector: LayerCollector, kept: KeptFiles, budget: LayerBudget) {
    this.#root = root;
    this.#collector = collector;
    this.#kept = kept;
    this.#budget = budget;
  }

  take({ entry, ordinal, keep, inspectors }: Wanted): void {
    if (keep) this.keep(ordinal, entry.path);
    const { runnable } = this.#collector;
    const { limits } = this.#budget;
    this.#budget.check();
    const reason = this.#open(entry.path, (fd, stats) => {
      const room = Buffer.allocUnsafe(Math.min(RUNNABLE_HEAD, stats.size));
      const head = room.subarray(0, readFully(fd, room, 0));
      const now = { ...entry, size: stats.size };
      runnable.head(now, ordinal, head);
      const interested = interestedIn(now, inspectors, head.subarray(0, HEAD_BYTES), limits);
      if (interested.length === 0) return;
      const file = readerFile(now, stats.size, (into, offset) => readFully(fd, into, offset));
      runnable.whole(file, ordinal);
      inspect(file, now, interested);
    });
    if (reason !== undefined) for (const run of inspectors) run.problem(entry.path, reason);
  }

  keep(ordinal: number, path: string): void {
    const { memoryFileBytes, fileBytes } = this.#budget.limits;
    const reason = this.#open(path, (fd, stats) => {
      const mode = stats.mode & 0o7777;
      if (stats.size > memoryFileBytes && stats.size <= fileBytes) {
        // Big files need no copy: they are where they are.
        this.#collector.keep(ordinal, {
          ...{ size: stats.size, mode },
          read: (offset, length) => this.#readPart(path, offset, length),
        });
        return;
      }
      const writer = this.#kept.begin(stats.size);
      if (typeof writer === 'string') {
        this.#collector.refuse(ordinal, writer);
        return;
      }
      const content = Buffer.allocUnsafe(stats.size);
      writer.data(content.subarray(0, readFully(fd, content, 0)));
      this.#collector.keep(ordinal, writer.done(mode));
    });
    if (reason !== undefined) this.#collector.refuse(ordinal, reason);
  }

  #readPart(path: string, offset: number, length: number): Buffer {
    let content = Buffer.alloc(0);
    const reason = this.#open(path, (fd, stats) => {
      const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(stats.size - offset, length)));
      content = buffer.subarray(0, readFully(fd, buffer, offset));
    });
    if (reason !== undefined) throw new Error(`${path}: ${reason}`);
    return content;
  }

  /** Gives why it could not; undefined if it could, or if the file is gone. */
  #open(path: string, use: (fd: number, stats: Stats) => void): string | undefined {
    let fd: number;
    try {
      // Without O_NONBLOCK, a pipe that took the file's place would be waited for.
      fd = openSync(join(this.#root, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      return isGone(error) ? undefined : `cannot be read: ${messageOf(error)}`;
    }
    try {
      const stats = fstatSync(fd);
      if (stats.isFile()) use(fd, stats);
      return undefined;
    } catch (error) {
      if (error instanceof AppError) throw error;
      return `cannot be read: ${messageOf(error)}`;
    } finally {
      closeSync(fd);
    }
  }
}
