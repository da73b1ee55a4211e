/** Reads the version of a program from its bytes. */
import type { RandomAccessFile } from '../../contract/detector.ts';
import type { VersionMark, VersionReading } from './row.ts';

/** A literal that stands in more places says nothing of the program. */
const MAX_PLACES = 500;

/** The first version that one of `readings` finds; undefined: none does. */
export function readVersion(file: RandomAccessFile, readings: readonly VersionReading[]): string | undefined {
  for (const reading of readings) {
    const version = reading === 'build id' ? byBuildId(file) : byMark(file, reading);
    if (version !== undefined) return version;
  }
  return undefined;
}

function byMark(file: RandomAccessFile, reading: Exclude<VersionReading, string>): string | undefined {
  const mark = typeof reading === 'function' ? reading(file.path) : reading;
  if (mark === undefined) return undefined;
  let found: string | undefined;
  for (const text of placesOf(file, mark)) {
    const version = mark.version.exec(text)?.[1];
    if (version === undefined) continue;
    if (!mark.isAlone) return version;
    if (found !== undefined && found !== version) return undefined;
    found = version;
  }
  return found;
}

/** The text around each place of a literal. */
function* placesOf(
  file: RandomAccessFile,
  { literal, before, behind }: Omit<VersionMark, 'version'>,
): Generator<string> {
  const needle = Buffer.from(literal, 'latin1');
  let at = file.indexOf(needle);
  for (let places = 0; at >= 0 && places < MAX_PLACES; places++) {
    const start = Math.max(0, at - before);
    yield file.read(start, at - start + needle.length + behind).toString('latin1');
    at = file.indexOf(needle, at + 1);
  }
}

/**
 * Redis and its kin glue the version to where, when and from what they were built, without anything between
 * (`7.0.151790282056000000000` is 7.0.15), and have dozens of other versions in them. It is the longest one that is the
 * beginning of such a text, and stands alone elsewhere.
 */
const BUILD_ID = { literal: '00000000\0', before: 160, behind: 0 };

function byBuildId(file: RandomAccessFile): string | undefined {
  for (const text of placesOf(file, BUILD_ID)) {
    const id = /(?<![\d.])(\d{1,3}\.\d{1,3}\.\d[^\0]*)\0$/.exec(text)?.[1];
    if (id === undefined) continue;
    const [lead = '', digits = ''] = /^\d+\.\d+\.(\d{1,6})/.exec(id) ?? [];
    for (let more = digits.length; more > 0; more--) {
      const version = lead.slice(0, lead.length - digits.length + more);
      if (file.indexOf(Buffer.from(`\0${version}\0`, 'latin1')) >= 0) return version;
    }
  }
  return undefined;
}
