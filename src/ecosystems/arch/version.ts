/**
 * Versions of pacman's packages, `[epoch:]pkgver[-pkgrel]`, in the order of vercmp(8). The rules are those of `parseEVR` and
 * `rpmvercmp` in libalpm, told by asking it (fixtures/gen-versions.py): runs of digits and of letters are compared one by
 * one; what stands between them only counts by its length, and a release only where both have one.
 */
import type { VersionScheme } from '../../contract/version-scheme.ts';

/** A run of digits or letters. */
interface Run {
  /** Characters of neither kind before it. */
  readonly gap: number;
  /** Without zeros at the front, if it is a number. */
  readonly text: string;
  readonly isNumber: boolean;
}

/** A part between the marks of a version. */
interface Part {
  readonly runs: readonly Run[];
  /** Characters of neither kind after the last run. */
  readonly rest: number;
}

/** A version in its parts; without an epoch that is 0. */
export interface ArchVersion {
  readonly epoch: Part;
  readonly version: Part;
  readonly release: Part | undefined;
}

/** No real version comes near. Lengths of numbers fit in a byte, and keys in a database's index. */
const MAX_LENGTH = 255;

/** Tags of what may come next, in their order: 1.0a < 1.0 < a1 (after letters) < 1.0.a < 1.0.1. */
const LETTERS = 0x01;
const END = 0x02;
const NUMBER = 0x03;
const GAP_LETTERS = 0x04;
const GAP_NUMBER = 0x05;

/** The order of pacman. */
export const archVersions: VersionScheme<ArchVersion> = {
  id: 'alpm',

  parse(text) {
    if (text === '' || text.length > MAX_LENGTH || text.includes('\0')) return undefined;
    const [head = '', epoch = ''] = /^(\d*):/.exec(text) ?? [];
    const rest = text.slice(head.length);
    const hyphen = rest.lastIndexOf('-');
    return {
      epoch: partOf(epoch || '0'),
      version: partOf(hyphen < 0 ? rest : rest.slice(0, hyphen)),
      release: hyphen < 0 ? undefined : partOf(rest.slice(hyphen + 1)),
    };
  },

  compare(a, b) {
    const order = compareParts(a.epoch, b.epoch) || compareParts(a.version, b.version);
    if (order !== 0 || a.release === undefined || b.release === undefined) return order;
    return compareParts(a.release, b.release);
  },

  /**
   * None without a release, which equals any release of its version; none for odd gaps, where vercmp goes round in circles
   * (1.0 < 1..a < 1. < 1.0). No package has such a version: makepkg gives a release, and upstreams write single marks.
   */
  key({ epoch, version, release }) {
    if (release === undefined || !isPlain(version) || !isPlain(release)) return undefined;
    return Buffer.from([...bytesOf(epoch), ...bytesOf(version), ...bytesOf(release)]);
  },
};

function partOf(text: string): Part {
  const runs: Run[] = [];
  let end = 0;
  for (const { index, 0: run } of text.matchAll(/[0-9]+|[A-Za-z]+/g)) {
    const isNumber = /^\d/.test(run);
    runs.push({ gap: index - end, text: isNumber ? run.replace(/^0+/, '') : run, isNumber });
    end = index + run.length;
  }
  return { runs, rest: text.length - end };
}

function compareParts(a: Part, b: Part): number {
  const both = Math.min(a.runs.length, b.runs.length);
  for (let at = 0; at < both; at++) {
    const order = compareRuns(a.runs[at]!, b.runs[at]!);
    if (order !== 0) return order;
  }
  return leftover(a, b, both);
}

function compareRuns(a: Run, b: Run): number {
  if (a.gap !== b.gap) return a.gap - b.gap;
  if (a.isNumber !== b.isNumber) return a.isNumber ? 1 : -1;
  const byLength = a.isNumber ? a.text.length - b.text.length : 0;
  return byLength || (a.text < b.text ? -1 : Number(a.text > b.text));
}

/**
 * One of both has no more runs. Where both go on by a mark, the marks are passed over, whatever they are. Letters that follow
 * at once, as of a pre-release, are less than nothing; all else is more.
 */
function leftover(a: Part, b: Part, at: number): number {
  const [nextA, nextB] = [a.runs[at], b.runs[at]];
  const gapA = nextA?.gap ?? a.rest;
  const gapB = nextB?.gap ?? b.rest;
  const isEmptyA = nextA === undefined && a.rest === 0;
  const isEmptyB = nextB === undefined && b.rest === 0;
  if (isEmptyA && isEmptyB) return 0;
  // As long as neither text has ended, vercmp skips what stands before the next run.
  const skips = !isEmptyA && !isEmptyB;
  if (skips && nextA === undefined && nextB === undefined) return 0;
  const startsWithLetter = (next: Run | undefined, gap: number): boolean =>
    next !== undefined && !next.isNumber && (skips || gap === 0);
  const isLess =
    startsWithLetter(nextA, gapA) ||
    ((skips ? nextA === undefined : isEmptyA) && !startsWithLetter(nextB, gapB));
  return isLess ? -1 : 1;
}

/** Whether there is at most one mark between two runs, none before the first, and none after the last. */
function isPlain({ runs, rest }: Part): boolean {
  return rest === 0 && runs.every(({ gap }, at) => gap <= (at === 0 ? 0 : 1));
}

function bytesOf({ runs }: Part): number[] {
  const bytes: number[] = [];
  for (const { gap, text, isNumber } of runs) {
    if (isNumber) bytes.push(gap === 0 ? NUMBER : GAP_NUMBER, text.length, ...Buffer.from(text));
    else bytes.push(gap === 0 ? LETTERS : GAP_LETTERS, ...Buffer.from(text), 0);
  }
  return [...bytes, END];
}
