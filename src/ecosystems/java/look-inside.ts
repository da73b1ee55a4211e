/** What is in a Java archive and in the archives nested in it. */
import { createHash } from 'node:crypto';
import type { Detection } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { openZip, type Zip, type ZipEntry } from '../../formats/archives/zip.ts';
import type { Clues } from '../../model/package.ts';
import { folderOf } from '../package-folders.ts';
import { ARCHIVE_NAME, type JavaArchive, MIN_SIZE, openNested, readMember, shown } from './archive.ts';
import { type ArchiveBudget, MAX_DEPTH, Spent } from './budget.ts';
import { type ClassFolders, classFolders } from './class-folders.ts';
import { ClassNames, UNKNOWN_CLASSES } from './class-names.ts';
import { type Coordinates, ofProperties } from './coordinates.ts';
import { type FileName, readFileName } from './file-name.ts';
import { gemAt, isGemspec } from './gems.ts';
import { type Identity, identityOf } from './identity.ts';
import { readAttributes } from './manifest.ts';
import { coordinatesOfPom } from './pom.ts';

const MANIFEST = /^META-INF\/MANIFEST\.MF$/i;
const PROPERTIES = /(?:^|\/)pom\.properties$/;
/** Beside it, unless somebody left that out: tools that pack archives into one keep either. */
const PROJECT = /^META-INF\/maven\/[^/]+\/[^/]+\/pom\.xml$/;

/** Signed archives have a digest of each member in it. */
const MAX_MANIFEST = 64 * 1024 * 1024;
const MAX_DESCRIPTION = 1024 * 1024;
/** Libraries that are published are smaller. */
const MAX_HASHED = 128 * 1024 * 1024;
const PIECE = 256 * 1024;

/** The members that say something. */
interface Members {
  manifest?: ZipEntry;
  readonly properties: ZipEntry[];
  readonly projects: ZipEntry[];
  readonly nested: ZipEntry[];
  readonly gemspecs: ZipEntry[];
  readonly classes: ClassNames;
}

/** Packages of `archive` and of what is in it; what cannot be read is a problem. Throws `Spent` only. */
export function* lookInside(archive: JavaArchive, budget: ArchiveBudget): Generator<Detection, void, void> {
  const members: Members = {
    properties: [],
    projects: [],
    nested: [],
    gemspecs: [],
    classes: new ClassNames(),
  };
  let zip: Zip | undefined;
  let spent: Spent | undefined;
  let isWhole = false;
  try {
    zip = openZip(archive.read, archive.size);
    sort(zip, members, budget);
    isWhole = true;
  } catch (error) {
    // Of a directory that is damaged further on, or too long, the members before that are kept.
    if (error instanceof Spent) spent = error;
    else yield problemAt(archive, error);
  }
  if (zip !== undefined) {
    const databases = new Set<string>();
    for (const found of identify(archive, zip, members, budget)) {
      if (found.found === 'package') databases.add(found.package.database);
      yield found;
    }
    yield* linked(archive, members, isWhole, databases, budget);
    for (const entry of members.gemspecs) yield gemOrProblem(archive, zip, entry, budget);
    for (const entry of members.nested) yield* lookInNested(archive, zip, entry, budget);
  }
  if (spent !== undefined) throw spent;
}

function sort(zip: Zip, members: Members, budget: ArchiveBudget): void {
  for (const entry of zip.entries()) {
    budget.spend('members', 1);
    members.classes.add(entry.name);
    if (PROPERTIES.test(entry.name)) members.properties.push(entry);
    else if (PROJECT.test(entry.name)) members.projects.push(entry);
    else if (MANIFEST.test(entry.name)) members.manifest ??= entry;
    else if (ARCHIVE_NAME.test(entry.name) && entry.size >= MIN_SIZE) members.nested.push(entry);
    else if (isGemspec(entry.name)) members.gemspecs.push(entry);
    else continue;
    budget.spend('noted', 1);
  }
}

function gemOrProblem(archive: JavaArchive, zip: Zip, entry: ZipEntry, budget: ArchiveBudget): Detection {
  try {
    return gemAt(archive, zip, entry, budget);
  } catch (error) {
    return problemAt({ places: [...archive.places, shown(entry.name)] }, error);
  }
}

function* lookInNested(
  outer: JavaArchive,
  zip: Zip,
  entry: ZipEntry,
  budget: ArchiveBudget,
): Generator<Detection, void, void> {
  let release: (() => void) | undefined;
  try {
    budget.spend('parts', 1);
    if (outer.places.length > MAX_DEPTH) throw new Error(`archives are nested deeper than ${MAX_DEPTH}`);
    const opened = openNested(outer, zip, entry, budget);
    release = opened.release;
    yield* lookInside(opened.nested, budget);
  } catch (error) {
    // differs: a nested archive that cannot be read loses nothing but itself (clair-indexing.md#one-bad-record)
    yield problemAt({ places: [...outer.places, shown(entry.name)] }, error);
  } finally {
    release?.();
  }
}

/** The classes of the archive, for the packages that it was said to be. `isWhole`: all of its directory was read. */
function* linked(
  { places }: JavaArchive,
  { classes }: Members,
  isWhole: boolean,
  databases: ReadonlySet<string>,
  budget: ArchiveBudget,
): Generator<Detection, void, void> {
  const all = isWhole ? classes.linkedCode() : UNKNOWN_CLASSES;
  if (all === undefined) return;
  const size = JSON.stringify(all).length;
  for (const database of databases) {
    // Several archives share that of the file.
    if (database.startsWith('file:')) continue;
    const code = budget.hasRoomFor('linked', size) ? all : UNKNOWN_CLASSES;
    yield { found: 'linked', database, path: places[0] ?? '', code };
  }
}

/** By its properties; by its file's name and manifest where none of them is its own. */
function* identify(
  archive: JavaArchive,
  zip: Zip,
  members: Members,
  budget: ArchiveBudget,
): Generator<Detection, void, void> {
  const path = archive.places[0] ?? '';
  const everywhere = archive.places.join(':');
  const file = readFileName((archive.places.at(-1) ?? '').replace(/^.*\//s, ''));
  const described: Coordinates[] = [];
  const seen = new Set<string>();
  for (const entry of describing(members)) {
    const where = { places: [...archive.places, shown(entry.name)] };
    try {
      budget.spend('parts', 1);
      const content = readMember(zip, entry, MAX_DESCRIPTION, budget);
      const isProject = PROJECT.test(entry.name);
      const coordinates = isProject ? coordinatesOfPom(content.toString()) : ofProperties(content);
      if (coordinates === undefined) throw new Error('not group, artifact and version that can be read');
      const { name, version } = filledIn(coordinates, file);
      if (seen.has(`${name} ${version}`)) continue;
      seen.add(`${name} ${version}`);
      described.push({ name, version });
      yield packageOf({ name, version }, `maven:${everywhere}`, path);
    } catch (error) {
      // differs: the other descriptions in the archive are kept (clair-indexing.md#one-bad-record)
      yield problemAt(where, error);
    }
  }
  if (described.some((each) => isOwn(each, file))) return;
  if (described.length === 1 && (file?.version ?? described[0]!.version) === described[0]!.version) return;
  let attributes: ReadonlyMap<string, string> | undefined;
  try {
    if (members.manifest !== undefined)
      attributes = readAttributes(readMember(zip, members.manifest, MAX_MANIFEST, budget));
  } catch (error) {
    yield problemAt({ places: [...archive.places, shown(members.manifest!.name)] }, error);
  }
  // differs: also if there is no manifest, or no META-INF at all (clair-indexing.md#one-bad-record)
  const identity = identityOf(file, attributes, foldersOf(archive, zip, budget));
  if (identity === undefined || (described.length > 0 && isToldBy(described, identity))) return;
  const { byManifest, clues, ...coordinates } = identity;
  // clair-quirk: a nested archive without metadata is reported at the file that contains it
  const database = byManifest ? `jar:${everywhere}` : `file:${path}`;
  yield packageOf(coordinates, database, path, { clues, sha1: sha1Of(archive, budget) });
}

/** The files that say coordinates: `pom.properties`, and a `pom.xml` that has none beside it. */
function describing({ properties, projects }: Members): ZipEntry[] {
  const folders = new Set(properties.map(({ name }) => folderOf(name)));
  return [...properties, ...projects.filter(({ name }) => !folders.has(folderOf(name)))];
}

/** A version that the build did not fill in is the one of the file's name. */
function filledIn({ name, version }: Coordinates, file: FileName | undefined): Coordinates {
  const isOpen = /\$\{/.test(version) && isOwn({ name, version }, file);
  return { name, version: isOpen ? (file?.version ?? version) : version };
}

/** Whether properties are of the archive itself, and not of what was packed into it. */
function isOwn({ name }: Coordinates, file: FileName | undefined): boolean {
  const artifact = name.slice(name.lastIndexOf(':') + 1);
  const own = file?.artifact ?? '';
  return own === artifact || own.endsWith(`.${artifact}`);
}

/** Whether what was packed into an archive is all that is known of it, or its manifest names one of those. */
function isToldBy(described: readonly Coordinates[], { version, clues }: Identity): boolean {
  const artifacts = described.map(({ name }) => name.slice(name.lastIndexOf(':') + 1));
  return version === '' || clues.names.some((name) => artifacts.includes(name));
}

function foldersOf(archive: JavaArchive, zip: Zip, budget: ArchiveBudget): ClassFolders {
  try {
    return classFolders(zip, budget);
  } catch (error) {
    // A directory that is damaged further on was told already.
    if (error instanceof Spent || archive.size === 0) throw error;
    return { folders: [], root: '', hasClasses: false };
  }
}

function packageOf(
  { name, version }: Coordinates,
  database: string,
  path: string,
  more: { readonly clues?: Clues; readonly sha1?: string | undefined } = {},
): Detection {
  const hint = more.sha1 === undefined ? {} : { hint: `sha1:${more.sha1}` };
  const clues = more.clues && { clues: more.clues };
  return { found: 'package', package: { name, version, kind: 'binary', database, path, ...clues, ...hint } };
}

/** What the archive may be looked up by; undefined: it is bigger than any library. */
function sha1Of({ size, read }: JavaArchive, budget: ArchiveBudget): string | undefined {
  if (size > MAX_HASHED) return undefined;
  budget.spend('hashed', size);
  const hash = createHash('sha1');
  for (let at = 0; at < size; ) {
    const piece = read(at, Math.min(PIECE, size - at));
    if (piece.length === 0) return undefined;
    hash.update(piece);
    at += piece.length;
  }
  return hash.digest('hex');
}

/** What to tell of `error`; `Spent` ends the whole file. */
function problemAt({ places }: Pick<JavaArchive, 'places'>, error: unknown): Detection {
  if (error instanceof Spent) throw error;
  return { found: 'problem', where: places.join(':'), reason: messageOf(error) };
}
