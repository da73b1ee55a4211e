/** What the stanzas of dpkg's databases say about installed packages. */

import type { DetectedPackage, Detection, LayerFile } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { type Deb822Stanza, readDeb822 } from '../../formats/os/deb822.ts';
import { CUT_IN_LINE, endsInLine, MOST_PACKAGES, MOST_TEXT } from '../../formats/os/text-lines.ts';
import type { SourcePackage } from '../../model/package.ts';

/** Problems of one file that are told one by one. */
const MAX_PROBLEMS = 20;

/** vcpkg keeps a `status` of the same syntax beside an `info`, about libraries that dpkg knows nothing of. */
const VCPKG_FIELDS = ['port-version', 'default-features', 'feature'];

const FIELDS: ReadonlySet<string> = new Set([
  'package',
  'status',
  'version',
  'architecture',
  'source',
  ...VCPKG_FIELDS,
]);

/** How one kind of database is read. */
export interface StatusDialect {
  /** What the stanza says, the reason why it says nothing, or undefined for a package that is not installed. */
  readonly read: (stanza: Deb822Stanza) => StatusPackage | { readonly reason: string } | undefined;
  /** Whether what writes it ends each line, so that one without an end was cut. */
  readonly endsLines: boolean;
  /** Whether a file with fields of vcpkg is none of ours. */
  readonly skipsVcpkg: boolean;
}

/** A package as a stanza gives it. */
export interface StatusPackage {
  readonly name: string;
  readonly version: string;
  readonly arch?: string;
  readonly source: SourcePackage;
}

/** The database itself, even with nothing in it, then its packages and what could not be read of it. */
export function readStatus(file: LayerFile, dialect: StatusDialect): Detection[] {
  const database = file.path;
  const found: Detection[] = [{ found: 'database', database, path: file.path }];
  const tell = (reason: string) => found.push({ found: 'problem', where: file.path, reason });
  let bytes: Buffer;
  try {
    bytes = file.start(MOST_TEXT);
  } catch (error) {
    tell(`the packages in the database cannot be determined: ${messageOf(error)}`);
    return found;
  }

  // A stanza that comes twice counts as it came last, as for dpkg; another architecture is another package.
  // differs: a second architecture of a package does not replace the first (clair-indexing.md#sources-of-packages)
  const packages = new Map<string, DetectedPackage>();
  let problems = 0;
  if (file.size > bytes.length)
    tell(`file of ${file.size} bytes: those after the first ${bytes.length} are not read`);
  for (const stanza of stanzasOf(bytes, tell)) {
    if (packages.size === MOST_PACKAGES) {
      tell(`the packages after the first ${MOST_PACKAGES} are not read`);
      break;
    }
    if (dialect.skipsVcpkg && VCPKG_FIELDS.some((field) => stanza.fields.has(field))) return [];
    const read = dialect.read(stanza);
    const missing =
      read !== undefined && !('reason' in read) && read.version === '' ? 'no Version field' : '';
    const reason = [stanza.fault, read !== undefined && 'reason' in read ? read.reason : missing]
      .filter(Boolean)
      .join('; ');
    if (reason !== '' && (problems += 1) <= MAX_PROBLEMS) {
      const name = stanza.fields.get('package');
      tell(`stanza at line ${stanza.line}${name ? ` (${name.slice(0, 100)})` : ''}: ${reason}`);
    }
    if (read === undefined || 'reason' in read) continue;
    packages.set(`${read.name}\0${read.arch ?? ''}`, { ...read, kind: 'binary', database, path: file.path });
  }
  if (dialect.endsLines && file.size <= bytes.length && endsInLine(bytes)) tell(CUT_IN_LINE);
  if (problems > MAX_PROBLEMS) tell(`${problems - MAX_PROBLEMS} more stanzas have problems`);
  for (const each of packages.values()) found.push({ found: 'package', package: each });
  return found;
}

/** The stanzas, up to what is read of them. */
function* stanzasOf(bytes: Buffer, tell: (reason: string) => void): Generator<Deb822Stanza> {
  try {
    yield* readDeb822(bytes, FIELDS);
  } catch (error) {
    tell(messageOf(error));
  }
}

// deb-control(5): the version follows in parentheses where it is not the binary's.
const SOURCE = /^([^\s()]+)(?:\s*\(\s*([^\s()]+)\s*\))?/;

/** The package of a stanza; `reason` if its name is missing. */
export function packageOf({ fields }: Deb822Stanza): StatusPackage | { readonly reason: string } {
  const name = fields.get('package') ?? '';
  if (name === '') return { reason: 'no Package field' };
  const version = fields.get('version') ?? '';
  const arch = fields.get('architecture') ?? '';
  const written = fields.get('source') ?? '';
  const [, sourceName = name, sourceVersion = version] = SOURCE.exec(written) ?? [];
  return {
    name,
    version,
    ...(arch === '' ? {} : { arch }),
    // differs: the source's version is that of each binary, not of the first one seen (clair-indexing.md#sources-of-packages)
    source: { name: sourceName, version: sourceVersion },
  };
}
