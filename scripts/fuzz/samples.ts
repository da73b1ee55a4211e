/** What is fuzzed of every ecosystem without a word here: the files of its sample, and the documents of its feeds. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Detector, Entry } from '../../src/contract/detector.ts';
import type { FeedSet } from '../../src/contract/feed.ts';
import type { Sample } from '../../src/contract/sample.fixture.ts';
import { ecosystems } from '../../src/ecosystems/index.ts';
import { fakeUpstream } from '../../src/feeds/upstream.fixture.ts';
import type { FuzzedDocument, Read } from './document.ts';
import type { FuzzedReader } from './reader.ts';

const ROOT = join(import.meta.dirname, '../..');
export const SAMPLES: readonly Sample[] = await Promise.all(
  globSync('src/ecosystems/**/sample.fixture.ts', { cwd: ROOT }).map(
    async (path) => ((await import(pathToFileURL(join(ROOT, path)).href)) as { sample: Sample }).sample,
  ),
);

/** `sample-DETECTOR`: the detectors of packages that read files, with a file of their sample. */
export const SAMPLE_READERS: Readonly<Record<string, FuzzedReader>> = Object.fromEntries(
  SAMPLES.flatMap(({ of, files }) =>
    detectorsOf(of).flatMap((detector) => {
      const file = files.find(({ name }) => isWanted(detector, String(name)));
      if (file === undefined) return [];
      const seed = Buffer.from(file.content ?? '');
      return [[`sample-${detector.id}`, { detector, path: String(file.name), seeds: () => [seed] }]];
    }),
  ),
);

/** `feed-SET`: sets of feeds, with a document of theirs. */
export const SAMPLE_DOCUMENTS: Readonly<Record<string, FuzzedDocument>> = Object.fromEntries(
  SAMPLES.flatMap(({ of, documents = {} }) =>
    Object.entries(documents).map(([set, text]) => {
      const feeds = ecosystems.find(({ id }) => id === of)!.feeds.find((each) => each.set === set)!;
      return [
        `feed-${set}`,
        { seeds: () => [Buffer.from(text)], read: (bytes: Buffer) => load(feeds, bytes) },
      ];
    }),
  ),
);

function detectorsOf(id: string): readonly Detector[] {
  const { detectors = [] } = ecosystems.find((each) => each.id === id) ?? {};
  return detectors.filter(({ kind, read }) => kind === 'package' && read !== undefined);
}

function isWanted({ paths = [], wants }: Detector, path: string): boolean {
  const entry: Entry = { path, type: 'file', size: 1000, mode: 0o644 };
  return paths.includes(path) || wants?.(entry) === true;
}

/** All that the feeds of `set` say of an upstream that answers `body`. */
async function load(set: FeedSet, body: Buffer): Promise<Read> {
  const url = 'https://upstream.example/file';
  const { context, problems } = fakeUpstream({ [url]: body });
  let records = 0;
  for (const feed of await set.feeds({ url }, context)) {
    const fetched = await feed.fetch('', undefined, context);
    if (fetched === 'unchanged') continue;
    for await (const advisory of fetched.records) {
      records++;
      const text = JSON.stringify(advisory);
      if (/\\u0000|\\ud[89a-f]/i.test(text)) throw new TypeError(`not to be stored: ${text}`);
    }
  }
  return { records, problems: problems.length };
}
