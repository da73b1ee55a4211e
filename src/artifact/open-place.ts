/** From what people write to a place: `registry.example/repository[:tag]`, `https://host/folder`, a folder. */
import type { RegistrySessionOptions } from '../image/registry/session.ts';
import type { HttpClient } from '../lib/http-client.ts';
import { folderPlace } from './folder-place.ts';
import type { ArtifactPlace } from './place.ts';
import { registryPlace } from './registry-place.ts';
import { webPlace } from './web-place.ts';

export interface PlaceOptions {
  /** What is meant where a text has neither tag nor digest. */
  readonly defaultTag: string;
  readonly registry: RegistrySessionOptions;
  /** For what is no registry. */
  readonly http: HttpClient;
}

/** Where nobody has named a tag of a folder, that of the format is meant. Throws `bad-target`. */
export async function openPlace(
  text: string,
  { defaultTag, registry, http }: PlaceOptions,
): Promise<ArtifactPlace> {
  const [, kind = '', rest = ''] = /^(oci:|https?:\/\/|[./~])?(.*)$/s.exec(text)!;
  if (kind === '') return await registryPlace(text, defaultTag, registry);
  const [path = '', tag = defaultTag] = kind === 'oci:' ? splitTag(rest) : text.split('#', 2);
  return kind.startsWith('http')
    ? webPlace(path, tag, { http, signal: registry.signal })
    : folderPlace(path, tag);
}

/** `PATH[:TAG]`, as image layouts are named. */
function splitTag(text: string): [path: string, tag?: string] {
  const [, path, tag] = /^(.*):([\w][\w.-]{0,127})$/s.exec(text) ?? [];
  return path === undefined || tag === undefined ? [text] : [path, tag];
}

/** `place`, whose blobs may be read of the others when it fails: they have the same digest wherever they are. */
export function withMirrors(place: ArtifactPlace, others: readonly ArtifactPlace[]): ArtifactPlace {
  return {
    ...place,
    async read(digest, from, to) {
      for (const each of [place, ...others]) {
        try {
          return await each.read(digest, from, to);
        } catch (error) {
          if (each === (others.at(-1) ?? place)) throw error;
        }
      }
      throw new Error('there is no place');
    },
  };
}
