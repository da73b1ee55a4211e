/**
 * Detectors of lists of packages that are to be installed: lock files and their like, in folders of sources. In an image what
 * is installed is the truth, and such lists are only told (`other/inventories.ts`).
 */

import type { DetectedPackage, Detection, Detector, LayerFile, LayerView } from '../contract/detector.ts';
import { messageOf } from '../errors.ts';
import { decodeText } from '../formats/json/envelope.ts';
import { identifierOf } from '../formats/json/file.ts';
import type { Listed, ListFormat } from '../formats/locks/list.ts';
import { CUT_IN_LINE } from '../formats/os/text-lines.ts';
import { counted } from '../lib/counted.ts';
import type { Repository } from '../model/package.ts';

export interface LockFiles {
  /** Of the detector. */
  readonly id: string;
  readonly revision: string;
  readonly formats: readonly ListFormat[];
  /** Where the packages are from. */
  readonly repository: Repository;
  /** Begins `package_db`, as that of what is installed. */
  readonly database: string;
  /** A package as its detector of installed ones writes it. Default: as it is listed. */
  readonly written?: (listed: Listed) => Pick<DetectedPackage, 'name' | 'version' | 'normalizedVersion'>;
}

/** Those of the biggest repositories have 15 MiB. */
const MAX_BYTES = 32 * 1024 * 1024;

/** What is in an installed package is no list of this project. */
const INSTALLED =
  /(?:^|\/)(?:node_modules|bower_components|site-packages|dist-packages|vendor|\.git|\.venv|\.tox|\.cargo|\.m2|\.npm|\.cache|Pods|\.build|target\/package)\/|\/(?:pkg\/mod|registry\/src|ruby\/[\d.]+\/(?:bundler\/)?gems)\//;

/** Inputs of tests, which nobody installs. */
const SAMPLES = /(?:^|\/)(?:testdata|test-?data|__tests__|__fixtures__|fixtures?)\//i;

/** Whether what lies at `path` is of the project itself: neither of what was installed into it, nor an input of its tests. */
export function isOfProject(path: string): boolean {
  return !INSTALLED.test(path) && !SAMPLES.test(path);
}

/** The detector of these lists; it is only asked about folders that are no root of a system. */
export function lockFiles({ id, revision, formats, repository, database, written }: LockFiles): Detector {
  const wanted = formats.flatMap(({ is, needs }) => (needs === undefined ? [is] : [is, needs]));
  return {
    id,
    revision,
    kind: 'package',
    checkouts: true,
    wants: ({ path, type }) =>
      type === 'file' && wanted.some((pattern) => pattern.test(path)) && !INSTALLED.test(path),
    *read(layer): Generator<Detection> {
      let any = false;
      for (const file of layer.files) {
        const format = formats.find(({ is }) => is.test(file.path));
        if (format === undefined) continue;
        for (const found of listIn(layer, file, format)) {
          if (found.found !== 'package') yield found;
          else {
            any = true;
            const { name, version, module } = found.package;
            const own = written?.({ name, version }) ?? { name, version };
            const from = module === undefined ? {} : { module };
            const path = file.path;
            const place = { kind: 'binary', ...from, database: `${database}:${path}`, path } as const;
            yield { found: 'package', package: { ...own, ...place } };
          }
        }
      }
      if (any) yield { found: 'repository', repository };
    },
  };
}

type Found =
  | { readonly found: 'package'; readonly package: Listed }
  | Extract<Detection, { found: 'problem' }>;

/** The packages of a list, each once; then that it was read, and what of it was not. */
function* listIn(layer: LayerView, file: LayerFile, format: ListFormat): Generator<Found> {
  const { path } = file;
  const tell = (reason: string, kind?: 'note'): Found => ({
    found: 'problem',
    where: path,
    reason,
    ...(kind && { kind }),
  });
  if (SAMPLES.test(path)) {
    yield tell('a list of packages among the inputs of tests: it is not read', 'note');
    return;
  }
  const seen = new Set<string>();
  const unread = new Set<string>();
  let nameless = 0;
  try {
    const text = textOf(file);
    if (format.isOne?.(text) === false) return;
    if (format.endsLines && text === '') throw new Error('it is empty');
    if (format.endsLines && !text.endsWith('\n')) unread.add(CUT_IN_LINE);
    for (const item of format.read(text, besideOf(layer, path))) {
      if ('unread' in item) {
        if (unread.size < 100) unread.add(item.unread);
        continue;
      }
      const [name, version] = [identifierOf(item.name), identifierOf(item.version)];
      if (name === undefined || version === undefined) {
        nameless++;
        continue;
      }
      const key = `${name}\0${version}\0${item.module ?? ''}`;
      if (seen.has(key)) continue;
      seen.add(key);
      yield { found: 'package', package: item };
    }
    yield tell(`a list of ${counted(seen.size, 'package')}: it was read`, 'note');
  } catch (error) {
    yield tell(`a list of packages that cannot be read: ${messageOf(error)}`);
  }
  if (nameless > 0) yield tell(`${nameless} of its packages have no readable name and version`);
  for (const reason of unread) yield tell(reason);
}

function textOf(file: LayerFile): string {
  if (file.size > MAX_BYTES) throw new Error(`bigger than ${MAX_BYTES} bytes`);
  return decodeText(file.read());
}

function besideOf(layer: LayerView, path: string): (relative: string) => string | undefined {
  return (relative) => {
    const parts = path.split('/').slice(0, -1);
    for (const part of relative.split('/')) {
      if (part === '..') {
        if (parts.pop() === undefined) return undefined;
      } else if (part !== '.' && part !== '') parts.push(part);
    }
    const file = layer.file(parts.join('/'));
    return file && textOf(file);
  };
}
