/** The name of an image: the newest that was given, else its digest. */
import type { ConsoleImage, ImageRef } from '../../src/model/api/console/types.ts';
import { useNav } from '../lib/nav.ts';
import { shortDigest } from '../lib/words.ts';

export function nameOf({ names, digest }: Pick<ConsoleImage, 'names' | 'digest'>): string {
  const [first] = names;
  return first === undefined ? shortDigest(digest) : fullName(first);
}

export function fullName({ name, tag }: { readonly name: string; readonly tag: string }): string {
  return tag === '' ? name : `${name}:${tag}`;
}

/** Without the registry, which only takes room where many names are below one another. */
export function shortName(name: string): string {
  return name.replace(/^(?:[^/]*[.:][^/]*|localhost)\/(?=.)/, '');
}

/** The registry of a name; undefined if it has none. */
export function registryOf(name: string): string | undefined {
  return /^((?:[^/]*[.:][^/]*|localhost))\/./.exec(name)?.[1];
}

export function refName({ name, digest }: ImageRef): string {
  return name ?? shortDigest(digest);
}

export function ImageLink({ of }: { of: ImageRef }) {
  const nav = useNav();
  return (
    <a
      class="name"
      href={nav.href(['images', of.digest])}
      title={`${of.name ?? ''} ${of.digest}`.trim()}
      data-row
    >
      {shortName(refName(of))}
    </a>
  );
}

export function Labels({ of }: { of: Readonly<Record<string, string>> }) {
  const pairs = Object.entries(of);
  return <>{pairs.map(([key, value]) => `${key}: ${value}`).join(' · ')}</>;
}
