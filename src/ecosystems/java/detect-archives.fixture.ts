/** For tests: archives of Java with their metadata, and what the detector finds in one. */
import type { Detection, Entry } from '../../contract/detector.ts';
import { makeZip, type ZipMember } from '../../formats/archives/zip.fixture.ts';
import { javaArchives } from './detect-archives.ts';

export const entryOf = (path: string, content: Buffer): Entry => ({
  ...{ path, type: 'file', size: content.length, mode: 0o644 },
});

export function inspect(path: string, content: Buffer): Detection[] {
  const entry = entryOf(path, content);
  if (!javaArchives.inspects?.(entry) || !javaArchives.magic?.(content.subarray(0, 512), entry)) return [];
  const file = {
    ...entry,
    read: (offset: number, length: number) => content.subarray(offset, offset + length),
    indexOf: (needle: Buffer, from?: number) => content.indexOf(needle, from),
  };
  return [...(javaArchives.inspect?.(file, entry) ?? [])];
}

/** `name version database` of packages, `! where` of problems. */
export function told(found: readonly Detection[]): string[] {
  return found.flatMap((item) => {
    if (item.found === 'problem') return [`! ${item.where}`];
    return item.found === 'package'
      ? [`${item.package.name} ${item.package.version} ${item.package.database}`]
      : [];
  });
}

export const properties = (group: string, artifact: string, version: string): ZipMember => ({
  name: `META-INF/maven/${group}/${artifact}/pom.properties`,
  content: `#x\ngroupId=${group}\nartifactId=${artifact}\nversion=${version}\n`,
});
export const manifest = (...lines: string[]): ZipMember => ({
  name: 'META-INF/MANIFEST.MF',
  content: ['Manifest-Version: 1.0', ...lines, ''].join('\r\n'),
});
export const zip = (...members: ZipMember[]): Buffer => makeZip({ members });
export const noise: ZipMember = { name: 'a/B.class', content: Buffer.alloc(100, 7) };
export const library = zip(noise, manifest(), properties('org.x', 'lib', '1.0'));
export const titled = manifest('Implementation-Title: app', 'Implementation-Version: 2');
