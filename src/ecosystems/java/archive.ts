/** A Java archive with random access: a file of a layer, or a member of another archive. */
import type { Zip, ZipEntry } from '../../formats/archives/zip.ts';
import type { ArchiveBudget } from './budget.ts';

/**
 * Ends of names of archives: libraries, web and enterprise applications, plugins of Jenkins, features of Karaf, adapters and
 * persistence units of Java EE, services of JBoss and Axis2, packages of NiFi, Liferay, Liberty, OSGi, NetBeans, Android,
 * LibreOffice and editors, and distributions that hold any of them.
 */
// differs: in any case of letters (clair-indexing.md#java-archives)
export const ARCHIVE_NAME =
  /\.(?:jar|war|ear|jpi|hpi|kar|par|sar|nar|rar|lpkg|aar|esa|nbm|vsix|oxt|mar|eba|wab|zip)$/i;

/** The smallest zip there is: its end record alone. */
export const MIN_SIZE = 22;

export interface JavaArchive {
  /** Path of the file, then names of members within members. */
  readonly places: readonly string[];
  readonly size: number;
  read(offset: number, length: number): Buffer;
}

export const LOCAL_SIGNATURE = 0x04034b50;
/** Of a local header, before the name. */
export const LOCAL_LENGTH = 30;

/**
 * The archive that is stored at `entry` of `zip`, and what releases its memory. A member that is not compressed is read
 * where it lies, be it ten archives deep; others are inflated into memory.
 */
export function openNested(
  outer: JavaArchive,
  zip: Zip,
  entry: ZipEntry,
  budget: ArchiveBudget,
): { nested: JavaArchive; release: () => void } {
  const places = [...outer.places, shown(entry.name)];
  if (entry.method === 0 && !entry.encrypted) {
    const start = startOf(outer, entry);
    return {
      nested: {
        places,
        size: entry.size,
        read: (offset, length) => outer.read(start + offset, Math.min(length, entry.size - offset)),
      },
      release: () => undefined,
    };
  }
  const content = readMember(zip, entry, budget.free(), budget);
  return {
    nested: {
      places,
      size: content.length,
      read: (offset, length) => {
        budget.spend('reads', 1);
        return content.subarray(offset, offset + length);
      },
    },
    release: budget.hold(content.length),
  };
}

/** The content of a member of at most `limit` bytes. */
export function readMember(zip: Zip, entry: ZipEntry, limit: number, budget: ArchiveBudget): Buffer {
  if (entry.size <= limit) budget.spend('inflated', entry.size);
  return zip.readEntry(entry, limit);
}

/** APPNOTE 4.3.7: the content follows the local header, whose lengths need not be those of the directory. */
function startOf(outer: JavaArchive, { offset, size, compressedSize }: ZipEntry): number {
  const header = outer.read(offset, LOCAL_LENGTH);
  if (header.length < LOCAL_LENGTH || header.readUInt32LE(0) !== LOCAL_SIGNATURE) {
    throw new Error('zip: a nested archive has no local header');
  }
  const start = offset + LOCAL_LENGTH + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (size !== compressedSize || start + size > outer.size)
    throw new Error('zip: an offset is outside the file');
  return start;
}

/** A member's name as reports show it: whoever made the archive chose its bytes and length. */
export function shown(name: string): string {
  return name
    .slice(0, 1000)
    .replace(/[\x00-\x1f\x7f]/g, '\uFFFD')
    .toWellFormed();
}
