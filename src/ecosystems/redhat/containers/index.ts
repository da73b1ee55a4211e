/** Containers of Red Hat's catalog, which have advisories of their own beside those of what is in them. */

import type { Ecosystem } from '../../../contract/ecosystem.ts';
import { coverByCpe, RHCC_PREFIX } from '../scopes/scopes.ts';
import { coalesceContainers } from './coalesce.ts';
import { dockerfileContainers, dockerfileRepositories } from './detect-dockerfile.ts';
import { labelledContainers, labelledRepositories } from './detect-labels.ts';
import { rhccFeeds } from './feed.ts';
import { advisoriesOf, rangeOf } from './foreign.ts';
import { lookups } from './lookups.ts';
import { purl } from './purl.ts';
import { containerResolver } from './resolver.ts';
import { rhctag } from './version.ts';

/** Red Hat's containers. */
export const rhcc: Ecosystem = {
  id: 'rhcc',
  scopes: [RHCC_PREFIX],
  matchers: { 'rhel-container-matcher': [RHCC_PREFIX] },
  detectors: [dockerfileContainers, labelledContainers, dockerfileRepositories, labelledRepositories],
  resolver: containerResolver,
  coalesce: coalesceContainers,
  versions: rhctag,
  lookups,
  advisoriesOf,
  rangeOf,
  cover: coverByCpe(RHCC_PREFIX),
  purl,
  feeds: [rhccFeeds],
};
