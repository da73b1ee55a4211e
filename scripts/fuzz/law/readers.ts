/** The readers that the law holds for: every detector of the list, with each file that its ecosystem's sample, or `lists.ts`, has for it. */
import type { Detection, Detector } from '../../../src/contract/detector.ts';
import type { Sample } from '../../../src/contract/sample.fixture.ts';
import { ecosystems } from '../../../src/ecosystems/index.ts';
import { READERS } from '../readers.ts';
import { detectIn, isRead } from './detect.ts';
import { FURTHER, RECORDS } from './lists.ts';

export interface LawReader {
  readonly detector: Detector;
  readonly path: string;
  readonly content: Buffer;
  /** Wraps damaged content soundly, where a checksum or a header would keep it from the reader. */
  readonly wrap: ((bytes: Buffer) => Buffer) | undefined;
  /** What is found in the undamaged file, one line each. */
  readonly found: readonly string[];
}

/** Packages and repositories as lines: what a report is made of. */
export function factsOf(found: readonly Detection[]): string[] {
  const lines = found.flatMap((item) => {
    if (item.found === 'package') return [`package ${item.package.name} ${item.package.version}`];
    return item.found === 'repository' ? [`repository ${Object.values(item.repository).join(' ')}`] : [];
  });
  return [...new Set(lines)];
}

/** By name: `DETECTOR`, `DETECTOR-2` and so on. */
export function lawReaders(samples: readonly Sample[]): ReadonlyMap<string, LawReader> {
  const files = [
    ...samples.flatMap(({ files }) =>
      files.map(({ name, content }) => ({ path: String(name), content: Buffer.from(content ?? '') })),
    ),
    ...Object.entries(FURTHER).map(([path, content]) => ({ path, content: Buffer.from(content) })),
  ];
  const readers = new Map<string, LawReader>();
  for (const detector of ecosystems.flatMap((each) => each.detectors)) {
    if (detector.kind === 'distribution') continue;
    const add = (path: string, content: Buffer, wrap?: LawReader['wrap']): void => {
      const bytes = wrap === undefined ? content : wrap(content);
      if (!isRead(detector, path, bytes)) return;
      const found = factsOf(detectIn(detector, path, bytes));
      if (found.length === 0) return;
      const before = [...readers.values()].filter((each) => each.detector === detector).length;
      const name = `${detector.id}${detector.kind === 'package' ? '' : `-${detector.kind}`}`;
      readers.set(before === 0 ? name : `${name}-${before + 1}`, { detector, path, content, wrap, found });
    };
    for (const { path, content } of files) add(path, content);
    for (const { of, content, wrap } of RECORDS)
      if (of === detector.id) add('usr/bin/app', Buffer.from(content), wrap);
    for (const { path, seeds, wrap, ...each } of Object.values(READERS)) {
      if (each.detector.id === detector.id) for (const seed of seeds()) add(path, seed, wrap);
    }
  }
  return readers;
}
