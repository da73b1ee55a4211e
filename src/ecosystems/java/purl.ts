/** Java packages as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { languagePurl } from '../../formats/purl/language.ts';
import type { Package } from '../../model/package.ts';
import { MAVEN_CENTRAL } from './detect-archives.ts';

const coordinates = languagePurl({
  type: 'maven',
  repository: MAVEN_CENTRAL,
  separator: ':',
  needless: ['type=jar'],
  // Some write the group as the path that it has in a repository.
  readName: (full, { namespace }) =>
    namespace.includes('/') ? `${namespace.replaceAll('/', '.')}${full.slice(namespace.length)}` : full,
});

/** `pkg:maven/…`, which has a group always (purl-spec, maven). */
export const purl: PurlMapping = {
  ...coordinates,
  toPurl: (installed, environment) =>
    coordinates.toPurl({ ...installed, name: withGroup(installed) }, environment),
};

/**
 * An archive that does not say its group, and of which no advisory speaks, has the likeliest: that of its manifest, what
 * its classes have in common, or, as many older ones, its own name.
 */
function withGroup({ name, clues }: Package): string {
  // Without clues it was not read here, but in an SBOM that has no group either.
  if (name.includes(':') || name === '' || clues === undefined) return name;
  const artifact = clues.names[0] ?? name;
  return `${clues.groups[0] || clues.root || artifact}:${artifact}`;
}
