/** The detector of Java archives: libraries, applications that hold libraries, plugins of Jenkins. */

import type { Detection, Detector, Entry, LayerView } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { openZip } from '../../formats/archives/zip.ts';
import type { Repository } from '../../model/package.ts';
import { ARCHIVE_NAME, type JavaArchive, LOCAL_LENGTH, LOCAL_SIGNATURE, MIN_SIZE } from './archive.ts';
import { type ArchiveBudget, createArchiveBudget, Spent } from './budget.ts';
import { lookInside } from './look-inside.ts';

/** What a report says of where Java packages come from. */
export const MAVEN_CENTRAL: Repository = { name: 'maven', uri: 'https://repo1.maven.apache.org/maven2' };

/** Clair's `java`. */
export const javaArchives: Detector = {
  id: 'java',
  revision: '18',
  kind: 'package',
  inspects: ({ type, size }) => type === 'file' && size >= MIN_SIZE,
  // One that is named so may begin with anything: Java looks for the directory at its end.
  magic: (head, { path, size }) => ARCHIVE_NAME.test(path) || beginsAsArchive(head, size),
  inspect: (file) => inspect(file, createArchiveBudget()),
  wants: isOtherName,
  read: (layer) => readOtherNames(layer, createArchiveBudget()),
  perLayer() {
    const budget = createArchiveBudget();
    return { inspect: (file) => inspect(file, budget), read: (layer) => readOtherNames(layer, budget) };
  },
};

/**
 * A zip begins with its first member (or its end record, or a mark of archives in several parts); one that can be run by
 * itself begins with the script or program that runs it.
 */
function mayBeZip(head: Buffer): boolean {
  return /^(?:PK(?:\x03\x04|\x05\x06|\x07\x08|00)|#!|MZ|\x7fELF)/.test(head.toString('latin1', 0, 4));
}

function isZip(head: Buffer): boolean {
  return head.length >= 4 && head.readUInt32LE(0) === LOCAL_SIGNATURE;
}

/** Smaller scripts and programs have nothing behind them. */
const MIN_RUNNABLE = 64 * 1024;
const META_INF = 'META-INF/';

/**
 * Java runs archives of any name. `jar`, Maven and Gradle put `META-INF/` first; Spring Boot puts a script before it, Launch4j a
 * program of Windows, so that the archive is a command.
 */
// differs: archives that are not named so, by what they begin with (clair-indexing.md#java-archives)
function beginsAsArchive(head: Buffer, size: number): boolean {
  if (isZip(head)) return head.toString('latin1', LOCAL_LENGTH, LOCAL_LENGTH + META_INF.length) === META_INF;
  return size >= MIN_RUNNABLE && /^(?:#!|MZ)/.test(head.toString('latin1', 0, 2));
}

function hasDirectory(file: Readable): boolean {
  try {
    openZip((offset, length) => file.read(offset, length), file.size);
    return true;
  } catch {
    return false;
  }
}

/** Links are no files that stream by: a second name of a file, or a name as an archive for what is not named so. */
// differs: hard links are copies, and archives may be behind symbolic links (clair-indexing.md#files-directories-and-links)
function isOtherName({ path, type, link = '' }: Entry): boolean {
  if (type !== 'hardlink' && type !== 'symlink') return false;
  return ARCHIVE_NAME.test(path) && (type === 'hardlink' || !ARCHIVE_NAME.test(link));
}

function* readOtherNames({ files }: LayerView, budget: ArchiveBudget): Generator<Detection, void, void> {
  for (const file of files) {
    const { path, size } = file;
    if (size < MIN_SIZE) continue;
    try {
      yield* inspect({ path, size, read: (offset, length) => file.part(offset, length) }, budget);
    } catch (error) {
      yield { found: 'problem', where: path, reason: messageOf(error) };
    }
  }
}

interface Readable {
  readonly path: string;
  readonly size: number;
  read(offset: number, length: number): Buffer;
}

function* inspect(file: Readable, budget: ArchiveBudget): Generator<Detection, void, void> {
  const { path, size } = file;
  const begins = ARCHIVE_NAME.test(path) ? mayBeZip : isZip;
  if (!begins(file.read(0, 4)) && !hasDirectory(file)) return; // no Java finds anything in it either
  const archive: JavaArchive = {
    places: [path],
    size,
    read: (offset, length) => {
      budget.spend('reads', 1);
      return file.read(offset, length);
    },
  };
  let any = false;
  try {
    for (const found of lookInside(archive, budget)) {
      any ||= found.found === 'package' && !found.package.listed;
      yield found;
    }
  } catch (error) {
    if (!(error instanceof Spent)) throw error;
    yield { found: 'problem', where: path, reason: messageOf(error) };
  }
  if (any) yield { found: 'repository', repository: MAVEN_CENTRAL };
}
