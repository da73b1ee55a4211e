/** The release of a distribution that the version of an rpm says. */
import type { Purl } from '../../model/purl.ts';

/** As Fedora's packaging guidelines have it: `-24.el8_10`. */
const DIST_TAG = /\.(?:el|fc|amzn)(\d+)(?=$|[._])/;

/** `purl` with the `distro` that its namespace and the tag in its version say, if it has none: `almalinux-9`, `fedora-41`. */
export function withReleaseTag(purl: Purl): Purl {
  const release = DIST_TAG.exec(purl.version)?.[1];
  if (release === undefined || purl.type !== 'rpm' || purl.namespace === '' || purl.qualifiers.has('distro'))
    return purl;
  const distro = `${purl.namespace}-${release}`;
  return { ...purl, qualifiers: new Map(purl.qualifiers).set('distro', distro) };
}
