/** Recognises programs in files by their names and the marks of their makers. Whose files they are is settled elsewhere. */
import type { Detection, Detector, Entry, RandomAccessFile } from '../../contract/detector.ts';
import { isProgram } from '../../formats/programs/executable.ts';
import { PROGRAM_DETECTOR } from '../../model/package.ts';
import { INTERPRETERS } from './interpreters.ts';
import { LIBRARIES } from './libraries.ts';
import { UPSTREAM } from './lookups.ts';
import type { ProgramRow } from './row.ts';
import { readVersion } from './search.ts';
import { SERVERS } from './servers.ts';
import { TEXTS } from './texts.ts';

/** All programs that are recognised by their bytes. */
export const PROGRAMS: readonly ProgramRow[] = [...INTERPRETERS, ...SERVERS, ...LIBRARIES];

/** Launchers are smaller: what they launch is a file of its own, which has the version. */
const LAUNCHER = 64 * 1024;

/** No text that says a version is longer up to there. */
const TEXT_BYTES = 64 * 1024;

const HEAD_BYTES = 64;

const BY_NAME: ReadonlyMap<string, readonly ProgramRow[]> = byName(PROGRAMS);
const LIKE: readonly ProgramRow[] = PROGRAMS.filter(({ like }) => like !== undefined);
/** One expression for all, as every file is asked: what all of them begin with is in it once, which takes a fourth of the time. */
const ANY = new RegExp(
  `(?:^|\\/)(?:${[...LIKE, ...TEXTS].map(({ like }) => withoutStart(like!)).join('|')})`,
);

function withoutStart({ source }: RegExp): string {
  return `(?:${source.replace('(?:^|\\/)', '')})`;
}

// differs: programs that no distribution package owns are packages (clair-indexing.md#files-without-a-detector)
export const detectPrograms: Detector = {
  id: PROGRAM_DETECTOR,
  revision: '2',
  kind: 'package',
  findsProducts: true,
  inspects: ({ path, type, size }) =>
    type === 'file' && size > 0 && (BY_NAME.has(baseOf(path)) || ANY.test(path)),
  // Those that have one of the names are few, and texts begin as they like.
  magic: () => true,
  *inspect(file: RandomAccessFile, { path }: Entry): Generator<Detection> {
    const found = isProgram(file.read(0, HEAD_BYTES)) ? byBytes(file, path) : byText(file, path);
    if (found === undefined) return;
    const { name, version } = found;
    if (version === undefined) {
      const reason = `${name}: a program without a package, whose version cannot be determined`;
      yield { found: 'problem', where: path, reason, kind: 'unchecked-program' };
      return;
    }
    yield { found: 'package', package: { name, version, kind: 'binary', database: `program:${path}`, path } };
    yield { found: 'repository', repository: UPSTREAM };
  },
};

interface Found {
  readonly name: string;
  readonly version: string | undefined;
}

/** undefined: it is no program of the table. */
function byBytes(file: RandomAccessFile, path: string): Found | undefined {
  const holds = memoryOf(file);
  let first: string | undefined;
  for (const row of rowsOf(path)) {
    if (!isOf(file, row, holds)) continue;
    const version = readVersion(file, row.readings);
    if (version !== undefined) return { name: row.name, version: version.replace(/^v|\+$/g, '') };
    first ??= row.name;
  }
  if (first !== undefined && file.size >= LAUNCHER) return { name: first, version: undefined };
  return byText(file, path);
}

function rowsOf(path: string): readonly ProgramRow[] {
  return [...(BY_NAME.get(baseOf(path)) ?? []), ...LIKE.filter(({ like }) => like!.test(path))];
}

/** Whether a file holds a literal: several rows ask for the same. */
function memoryOf(file: RandomAccessFile): (literal: string) => boolean {
  const known = new Map<string, boolean>();
  return (literal) => {
    const is = known.get(literal) ?? file.indexOf(Buffer.from(literal, 'latin1')) >= 0;
    known.set(literal, is);
    return is;
  };
}

function isOf(
  { size }: RandomAccessFile,
  { atLeast = 0, needs, unless }: ProgramRow,
  holds: (literal: string) => boolean,
): boolean {
  if (size < atLeast || (needs !== undefined && !needs.some(holds))) return false;
  return unless === undefined || !unless.some(holds);
}

function byText(file: RandomAccessFile, path: string): Found | undefined {
  let text: string | undefined;
  for (const { name, like, version: patterns } of TEXTS) {
    const match = like.exec(path);
    if (match === null) continue;
    if (patterns === undefined) return { name, version: match[1] };
    const read = (text ??= file.read(0, TEXT_BYTES).toString('latin1'));
    const parts = patterns.map((pattern) => pattern.exec(read)?.[1]);
    if (parts.every((part) => part !== undefined)) return { name, version: parts.join('.') };
  }
  return undefined;
}

function baseOf(path: string): string {
  const base = path.slice(path.lastIndexOf('/') + 1);
  return base.endsWith('.exe') ? base.slice(0, -'.exe'.length) : base;
}

function byName(rows: readonly ProgramRow[]): Map<string, ProgramRow[]> {
  const names = new Map<string, ProgramRow[]>();
  for (const row of rows)
    for (const file of row.files ?? []) names.set(file, [...(names.get(file) ?? []), row]);
  return names;
}
