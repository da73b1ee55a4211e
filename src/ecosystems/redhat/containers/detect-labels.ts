/** Finds containers of Red Hat by the labels that its build system writes into each. */

import type { Detection, Detector, LayerFile, LayerView } from '../../../contract/detector.ts';
import { messageOf } from '../../../errors.ts';
import { fieldOf, identifierOf, readJsonFile } from '../../../formats/json/file.ts';
import { formatCpe, parseCpe } from '../scopes/cpe.ts';
import { RHCC_REPOSITORY } from '../scopes/scopes.ts';
import { normalizedTag, packagesOf } from './container.ts';

/** The second is read where the first is not there. */
const PATHS = ['root/buildinfo/labels.json', 'usr/share/buildinfo/labels.json'];

const MAX_BYTES = 1024 * 1024;

/** The detector `rhel_package_container_detector` of Clair. */
export const labelledContainers: Detector = {
  id: 'rhel_package_container_detector',
  revision: '2',
  kind: 'package',
  paths: PATHS,
  *read(layer: LayerView): Generator<Detection> {
    const file = labelsIn(layer);
    if (file !== undefined) yield* toldAt(file, readContainer);
  },
};

/** The detector `rhel_repo_container_detector` of Clair. */
export const labelledRepositories: Detector = {
  id: 'rhel_repo_container_detector',
  revision: '1',
  kind: 'repository',
  paths: PATHS,
  *read(layer: LayerView): Generator<Detection> {
    const file = labelsIn(layer);
    if (file !== undefined) yield* toldAt(file, readRepository);
  },
};

function labelsIn(layer: LayerView): LayerFile | undefined {
  return PATHS.map((path) => layer.file(path)).find((file) => file !== undefined);
}

// differs: labels that cannot be read lose the container, not the image (clair-indexing.md#one-bad-record)
function* toldAt(
  file: LayerFile,
  read: (label: Label, path: string) => Iterable<Detection>,
): Generator<Detection> {
  try {
    const document = readJsonFile(file, MAX_BYTES);
    yield* read((name) => identifierOf(unquoted(fieldOf(document, name))), file.path);
  } catch (error) {
    yield { found: 'problem', where: file.path, reason: messageOf(error) };
  }
}

type Label = (name: string) => string | undefined;

/** Some builds quote the values once more. */
function unquoted(value: unknown): unknown {
  return typeof value === 'string' && /^".*"$/s.test(value) ? value.slice(1, -1) : value;
}

function* readContainer(label: Label, path: string): Generator<Detection> {
  const [name, arch, created] = [
    label('name'),
    label('architecture'),
    label('org.opencontainers.image.created'),
  ];
  // Other build systems write such a file too, with fewer labels.
  if (name === undefined || arch === undefined || created === undefined) return;
  const seconds = secondsOf(created);
  if (seconds === undefined) throw new TypeError(`org.opencontainers.image.created is no time: ${created}`);
  const normalizedVersion = normalizedTag(seconds, '0');
  const container = {
    name,
    component: name,
    version: seconds,
    arch,
    ...(normalizedVersion && { normalizedVersion }),
  };
  for (const each of packagesOf({ ...container, path })) yield { found: 'package', package: each };
}

function* readRepository(label: Label): Generator<Detection> {
  const text = label('cpe');
  if (text === undefined) return;
  const parsed = parseCpe(text);
  if (parsed === undefined) throw new TypeError(`cpe is no CPE: ${text}`);
  const cpe = formatCpe(parsed);
  yield { found: 'repository', repository: { name: cpe, key: RHCC_REPOSITORY, cpe } };
}

// RFC 3339 §5.6
const TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** Whole seconds since 1970; undefined if `text` is no time, or one before. */
function secondsOf(text: string): string | undefined {
  const ms = TIME.test(text) ? Date.parse(text.replace(' ', 'T').toUpperCase()) : Number.NaN;
  return ms >= 0 ? String(Math.floor(ms / 1000)) : undefined;
}
