/** All that is fuzzed, by name: how its cases are made, and how each is read. */
import type { Detection, Detector } from '../../src/contract/detector.ts';
import { layerFile } from '../../src/contract/layer-file.fixture.ts';
import { AppError } from '../../src/errors.ts';
import { cel } from './cel.ts';
import type { FuzzedDocument, Read } from './document.ts';
import { DOCUMENTS } from './documents.ts';
import { detectIn, layerOf } from './law/detect.ts';
import { LAW_NAMES, lawFuzzed } from './law/fuzzed.ts';
import { mutate, type Random } from './mutate.ts';
import { mutateJson } from './mutate-json.ts';
import type { FuzzedReader } from './reader.ts';
import { READERS } from './readers.ts';
import { REGISTRY_DOCUMENTS } from './registry-documents.ts';
import { SAMPLE_DOCUMENTS, SAMPLE_READERS } from './samples.ts';

export interface Fuzzed {
  readonly damage: (random: Random) => Buffer;
  readonly read: (bytes: Buffer) => Read | Promise<Read>;
}

const FILES: Readonly<Record<string, FuzzedReader>> = { ...READERS, ...SAMPLE_READERS };
const TEXTS: Readonly<Record<string, FuzzedDocument>> = {
  ...DOCUMENTS,
  ...REGISTRY_DOCUMENTS,
  ...SAMPLE_DOCUMENTS,
  cel,
};

/** Names of readers. */
export const NAMES: readonly string[] = [...Object.keys(FILES), ...Object.keys(TEXTS), ...LAW_NAMES];

/** Names of several. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = { readers: LAW_NAMES };

/** The seeds are made now. */
export function fuzzed(name: string): Fuzzed {
  if (LAW_NAMES.includes(name)) return lawFuzzed(name);
  const reader = FILES[name];
  return reader === undefined ? ofDocument(TEXTS[name]!) : ofFile(reader);
}

function ofFile({ detector, path, seeds, wrap = (bytes) => bytes }: FuzzedReader): Fuzzed {
  const files = seeds();
  return {
    damage: (random) => wrap(mutate(files, random)),
    read(bytes) {
      const found = detect(detector, path, bytes);
      return {
        records: found.filter((item) => item.found === 'package').length,
        problems: found.filter((item) => item.found === 'problem').length,
      };
    },
  };
}

function ofDocument({ seeds, read }: FuzzedDocument): Fuzzed {
  const files = seeds();
  const values = files.flatMap((bytes) => {
    try {
      return [JSON.parse(bytes.toString()) as unknown];
    } catch {
      return [];
    }
  });
  return {
    damage: (random) =>
      values.length > 0 && random(2) === 0
        ? Buffer.from(JSON.stringify(mutateJson(values[random(values.length)], random)) ?? '')
        : mutate(files, random),
    async read(bytes) {
      try {
        return await read(bytes);
      } catch (error) {
        if (error instanceof AppError && error.code !== 'internal-error') return { records: 0, problems: 1 };
        throw error;
      }
    },
  };
}

/** Files that packages of the seeds may own. */
const PATHS: ReadonlySet<string> = new Set([
  'bin/busybox',
  'lib/ld-musl-x86_64.so.1',
  'usr/lib/lab/METADATA',
]);

/** The first of them is recognised as a program that lists of packages may have. */
const PROGRAMS = new Map([['bin/busybox', { name: 'glibc', version: '2.38' }]]);

/** All that `detector` says of a layer of this file alone. */
function detect(detector: Detector, path: string, bytes: Buffer): Detection[] {
  const found = detectIn(detector, path, bytes);
  const view = layerOf(layerFile(path, bytes));
  for (const owned of detector.owns?.(view, PATHS, PROGRAMS) ?? [])
    if (!PATHS.has(owned.path)) throw new Error(`owns ${owned.path}`);
  for (const brought of detector.brings?.(view, PATHS, new Set([path])) ?? [])
    if (!PATHS.has(brought)) throw new Error(`brings ${brought}`);
  return found;
}
