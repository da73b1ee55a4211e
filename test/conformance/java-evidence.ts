/** What is in a Java archive of a recorded image, read apart from the code under test. */
import { inflateRawSync } from 'node:zlib';
import { fileAt, type Layer } from './layers.ts';
import type { NormalPackage } from './normal-form.ts';

/** The file of the layer that a `package_db` is in. */
export function outerPath(packageDb: string): string {
  return packageDb.split(':')[1] ?? '';
}

/** Members of the archive at a `package_db` (`maven:srv/app.war:lib/x.jar`) by name; undefined if there is no archive. */
export function archiveAt(layer: Layer, packageDb: string): ReadonlyMap<string, Buffer> | undefined {
  const [, outer = '', ...inner] = packageDb.split(':');
  let bytes = fileAt(layer, outer);
  for (const name of inner) bytes = bytes && membersOf(bytes)?.get(name);
  return bytes && membersOf(bytes);
}

/** Whether the archive at `packageDb` in `layer` says that it is `pkg`. */
export function isJavaPackage(layer: Layer, packageDb: string, pkg: NormalPackage): boolean {
  const members = archiveAt(layer, packageDb);
  if (members === undefined) return false;
  const { name, version } = pkg;
  switch (packageDb.split(':')[0]) {
    case 'maven': {
      const wanted = [...`groupId=${name.replace(':', ' artifactId=')}`.split(' '), `version=${version}`];
      return [...members].some(([path, content]) => {
        // java.util.Properties: a key ends at an equals sign or colon, with blanks around it.
        const lines = content
          .toString('utf8')
          .split(/\r?\n/)
          .map((line) => line.trim().replace(/\s*[=:]\s*/, '='));
        return path.endsWith('pom.properties') && wanted.every((line) => lines.includes(line));
      });
    }
    case 'jar': {
      const isManifest = (path: string) => path.toUpperCase().replace('\\', '/') === 'META-INF/MANIFEST.MF';
      const manifest = [...members].find(([path]) => isManifest(path))?.[1];
      // Wrapped lines are made whole again.
      const text = manifest?.toString('utf8').replace(/(\r\n?|\n) /g, '') ?? '';
      return [...name.split(':'), version].every((part) => text.includes(`: ${part}`));
    }
    default:
      return [outerPath(packageDb), ...namesIn(members)].some(
        (path) => path.split('/').at(-1) === `${name}-${version}.jar`,
      );
  }
}

/** Names of members, and of those of archives among them. */
function* namesIn(members: ReadonlyMap<string, Buffer>): Generator<string> {
  for (const [name, content] of members) {
    yield name;
    if (/\.[jwe]ar$/i.test(name)) yield* namesIn(membersOf(content) ?? new Map());
  }
}

/** Stored and deflated members, by the central directory; undefined if there is none. */
function membersOf(zip: Buffer): Map<string, Buffer> | undefined {
  const members = new Map<string, Buffer>();
  try {
    const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
    // What is before the archive, such as a script, does not count in its offsets.
    const start = end - zip.readUInt32LE(end + 12);
    const base = start - zip.readUInt32LE(end + 16);
    let offset = start;
    for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
      const nameLength = zip.readUInt16LE(offset + 28);
      const name = zip.toString('utf8', offset + 46, offset + 46 + nameLength);
      const local = base + zip.readUInt32LE(offset + 42);
      const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const data = zip.subarray(from, from + zip.readUInt32LE(offset + 20));
      members.set(name, contentOf(data, zip.readUInt16LE(offset + 10)));
      offset += 46 + nameLength + zip.readUInt16LE(offset + 30) + zip.readUInt16LE(offset + 32);
    }
  } catch {
    return undefined;
  }
  return members;
}

/** Nothing, if it is compressed in another way. */
function contentOf(data: Buffer, method: number): Buffer {
  if (method === 0) return data;
  return method === 8 ? inflateRawSync(data) : Buffer.alloc(0);
}
