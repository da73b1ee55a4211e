/** The recorded images and answers: where they lie and how they are read. Nothing of it is part of this project. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT } from '../imports.ts';
import type { RawReport } from './normal-form.ts';

/** Where the recordings lie unless told. */
export const DEFAULT_CORPUS = resolve(ROOT, '../shared/corpus');

/** The address that recorded layer URLs and configuration start with. */
export const RECORDED_ADDRESS = 'http://127.0.0.1:18080';

/** One image with the answers of Clair. */
export interface CorpusImage {
  readonly name: string;
  readonly folder: string;
  /** What its author says that it is about: `dpkg`, `layers`, … */
  readonly tags: readonly string[];
  readonly golden: Golden;
}

/** What Clair answered. */
export interface Golden {
  readonly postStatus: number;
  readonly vulnerabilityStatus: number;
  /** Of GET index_report, also of an image that failed. */
  readonly index: RawReport;
  /** undefined where the status was not 200. */
  readonly vulnerability: RawReport | undefined;
}

/** A manifest as it is posted. */
export interface RawManifest {
  readonly hash: string;
  readonly layers: { readonly hash: string; readonly uri: string; readonly headers: unknown }[];
}

/** Whether there are recordings at `corpus`. */
export function hasCorpus(corpus: string): boolean {
  return existsSync(join(corpus, 'images', 'INDEX.json')) && existsSync(join(corpus, 'golden', 'images'));
}

/** All images that have answers, in order of name; `answers` is the folder of another day's. */
export function readImages(corpus: string, answers = 'images'): CorpusImage[] {
  const tags = readTags(join(corpus, 'images', 'INDEX.json'));
  return readdirSync(join(corpus, 'golden', answers))
    .sort()
    .filter((name) => existsSync(join(corpus, 'images', name, 'manifest.json')))
    .map((name) => ({
      name,
      folder: join(corpus, 'images', name),
      tags: tags.get(name) ?? [],
      golden: readGolden(join(corpus, 'golden', answers, name)),
    }));
}

function readTags(file: string): Map<string, readonly string[]> {
  const list = JSON.parse(readFileSync(file, 'utf8')) as { name: string; ecosystems: string[] }[];
  return new Map(list.map(({ name, ecosystems }) => [name, ecosystems]));
}

function readGolden(folder: string): Golden {
  const meta = readRecorded(join(folder, 'meta.json')) as Record<string, { status: number }>;
  const later = join(folder, 'index_report_get.json');
  const vulnerabilityStatus = meta.get_vuln?.status ?? 0;
  return {
    postStatus: meta.post?.status ?? 0,
    vulnerabilityStatus,
    index: readRecorded(existsSync(later) ? later : join(folder, 'index_report.json')) as RawReport,
    vulnerability:
      vulnerabilityStatus === 200
        ? (readRecorded(join(folder, 'vulnerability_report.json')) as RawReport)
        : undefined,
  };
}

/** In the recordings addresses of registries are written with `[.]` for their dots. */
export function readRecorded(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8').replaceAll('[.]', '.'));
}

/** The manifest of `image` with its layers at `address`. */
export function readManifest(image: CorpusImage, address: string): RawManifest {
  const text = readFileSync(join(image.folder, 'manifest.json'), 'utf8');
  return JSON.parse(text.replaceAll(RECORDED_ADDRESS, address)) as RawManifest;
}
