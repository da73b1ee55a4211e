/** What a `package.json` says of the package that it is of. */
import type { Detection } from '../../contract/detector.ts';
import { jsonFields } from '../../formats/json/fields.ts';
import { normalizedSemver } from '../../formats/versions/semver.ts';
import { npmVersions } from './version.ts';

/** What is read of a package.json, however big it is. */
const FIELDS: ReadonlySet<string> = new Set(['name', 'version', 'private']);

/** The b-tree of a database takes no longer texts; npm allows 214 and 256. */
const MAX_LENGTH = 512;

interface Manifest {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly isPrivate: boolean;
}

/** Throws if it cannot be read. */
export function readManifest(bytes: Buffer): Manifest {
  const fields = jsonFields(bytes, FIELDS);
  return {
    name: textOf(fields.get('name')),
    version: textOf(fields.get('version')),
    isPrivate: fields.get('private') === true,
  };
}

/** The package that the file at `path` is, or is the manifest of; `place`: where in the file that is. */
export function packageAt(path: string, name: string, version: string, place = path): Detection {
  const semver = npmVersions.parse(version);
  return {
    found: 'package',
    package: {
      name,
      version,
      kind: 'binary',
      ...(semver === undefined ? {} : { normalizedVersion: normalizedSemver(semver) }),
      database: `nodejs:${place}`,
      path,
    },
  };
}

/** undefined: absent or empty. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new Error('its name or version is no text');
  const text = value.trim();
  if (text.length > MAX_LENGTH || /[\x00-\x1f\x7f]/.test(text)) {
    throw new Error('its name or version is too long or has control characters');
  }
  return text === '' ? undefined : text;
}
