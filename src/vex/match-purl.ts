/** Whether a package URL in a statement means a package of an image, or the image. */
import { type Purl, type PurlNames, parsePurl } from '../model/purl.ts';

/** `wanted` may leave out what `actual` has: version, qualifiers, subpath. `names`: as names of each type are compared. */
export function matchesPurl(wanted: string, actual: string, names: PurlNames): boolean {
  const [want, have] = [parsePurl(wanted), parsePurl(actual)];
  return want !== undefined && have !== undefined && covers(want, have, names);
}

function covers(want: Purl, have: Purl, names: PurlNames): boolean {
  const isSame = (a: string, b: string): boolean => a === b || names(want.type, a) === names(want.type, b);
  return (
    want.type === have.type &&
    isSame(want.namespace, have.namespace) &&
    isSame(want.name, have.name) &&
    (want.version === '' || want.version === have.version) &&
    (want.subpath === '' || want.subpath === have.subpath) &&
    [...want.qualifiers].every(
      // Where the registry is says nothing of the package.
      ([key, value]) =>
        /^(repository_url|download_url|vcs_url|checksum)$/.test(key) ||
        have.qualifiers.get(key) === value ||
        // A source package without its version.
        (key === 'upstream' && have.qualifiers.get(key)?.startsWith(`${value}@`)),
    )
  );
}

/** An image as statements name it. */
export interface ImageIdentity {
  /** Of its manifest, and of the indexes that it was chosen from. */
  readonly digests: readonly string[];
  /** Where it is found; [] if nothing says. */
  readonly places: readonly ImagePlace[];
}

export interface ImagePlace {
  /** With registry, lower case. */
  readonly repository: string;
  /** '' if it is named without one. */
  readonly tag: string;
}

/** By digest, or by its repository and what else the package URL says. */
export function matchesImage(wanted: string, { digests, places }: ImageIdentity): boolean {
  if (digests.includes(wanted)) return true;
  const want = parsePurl(wanted);
  if (want === undefined || !['oci', 'docker'].includes(want.type)) return false;
  if (want.version.includes(':')) return digests.includes(want.version);
  // purl-spec: the hub is where Docker images are unless told; an OCI image without a place is that of any registry.
  const place = want.qualifiers.get('repository_url') ?? (want.type === 'docker' ? 'docker.io' : undefined);
  const path = [want.namespace, want.name].filter(Boolean).join('/').toLowerCase();
  const wantedTag = want.qualifiers.get('tag') ?? want.version;
  return places.some(
    ({ repository, tag }) =>
      (place === undefined ? `/${repository}`.endsWith(`/${path}`) : isPlaceOf(place, path, repository)) &&
      (wantedTag === '' || wantedTag === tag),
  );
}

/** purl-spec, type oci: `repository_url` has the name in it; many leave it out. */
function isPlaceOf(place: string, path: string, repository: string): boolean {
  const bare = place
    .replace(/^https?:\/\//, '')
    .replace(/\/$/, '')
    .toLowerCase();
  return (
    bare === repository ||
    `${bare}/${path}` === repository ||
    (bare === 'docker.io' && `${bare}/library/${path}` === repository)
  );
}
