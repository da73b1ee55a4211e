/**
 * The registry of PEAR's installer: `.registry/NAME.reg` for a package of pear.php.net, `.registry/.channel.CHANNEL/NAME.reg` for those of
 * other channels, of which pecl.php.net has the extensions of PHP (PEAR_Registry).
 */
import { type PhpValue, readSerialized } from './serialized.ts';

/** What a package says of itself. */
export interface PearPackage {
  readonly name: string;
  readonly version: string;
  /** Paths of its files, without a leading slash. */
  readonly files: readonly string[];
}

/** The package that a record is of; a name or version that it does not have is ''. Throws if it is no such record. */
export function readPearRecord(bytes: Buffer): PearPackage {
  const record = readSerialized(bytes);
  if (!(record instanceof Map)) throw new Error('it is no record of PEAR');
  // package.xml 1.0 has the name in another key and the version as a text.
  const version = fieldOf(record, 'version');
  return {
    name: textOf(fieldOf(record, 'name')) || textOf(fieldOf(record, 'package')),
    version: textOf(version) || textOf(fieldOf(version, 'release')),
    files: filesOf(fieldOf(record, 'filelist')),
  };
}

function filesOf(list: PhpValue | undefined): string[] {
  if (!(list instanceof Map)) return [];
  return [...list.values()].flatMap((file) => {
    const path = textOf(fieldOf(file, 'installedas')).replace(/^\/+/, '');
    return path === '' ? [] : path;
  });
}

function fieldOf(value: PhpValue | undefined, key: string): PhpValue | undefined {
  return value instanceof Map ? (value as ReadonlyMap<string | number, PhpValue>).get(key) : undefined;
}

function textOf(value: PhpValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
