/** Packages of rpm as package URLs, with the repositories of Red Hat's. */
import type { PurlMapping } from '../../../contract/purl-mapping.ts';
import { purl as ofRpm } from '../../rpm/purl.ts';
import { RHEL_REPOSITORY } from '../scopes/scopes.ts';

/** Of Clair's own package URLs: the CPEs of the repositories that a package of Red Hat may be of. */
const CPES = 'repository_cpes';

/** `pkg:rpm/…`. */
export const purl: PurlMapping = {
  ...ofRpm,
  toPurl(installed, environment) {
    const found = ofRpm.toPurl(installed, environment);
    const cpes = environment.repositories?.flatMap(({ key, cpe }) =>
      key === RHEL_REPOSITORY && cpe ? [cpe] : [],
    );
    if (found === undefined || cpes === undefined || cpes.length === 0) return found;
    return { ...found, qualifiers: new Map([...found.qualifiers, [CPES, cpes.join(',')]]) };
  },
  fromPurl(written) {
    const found = ofRpm.fromPurl(written);
    const cpes = written.qualifiers.get(CPES);
    if (found === undefined || cpes === undefined) return found;
    return {
      ...found,
      repositories: cpes.split(/,(?=cpe:)/).map((cpe) => ({ name: cpe, key: RHEL_REPOSITORY, cpe })),
    };
  },
};
