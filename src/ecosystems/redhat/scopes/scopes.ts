/** Red Hat says where an advisory holds by CPEs: of repositories of rpms, and of the products that containers are of. */
import type { Cover } from '../../../contract/lookup.ts';
import type { Scope } from '../../../model/advisory.ts';
import { type Cpe, coversByPrefix, formatCpe, parseCpe } from './cpe.ts';

/** `key` of the repositories that Clair's detectors of Red Hat's packages report. */
export const RHEL_REPOSITORY = 'rhel-cpe-repository';
export const RHCC_REPOSITORY = 'rhcc-container-repository';

/** How the scopes of rpms and of containers begin. */
export const RHEL_PREFIX = 'rhel-cpe:';
export const RHCC_PREFIX = 'rhcc-cpe:';

/** The scope of advisories about the rpms of repositories with this CPE. */
export function rhelScope(cpe: Cpe): Scope {
  return scopeOf(RHEL_PREFIX, RHEL_REPOSITORY, cpe);
}

/** The scope of advisories about the containers of the product with this CPE. */
export function rhccScope(cpe: Cpe): Scope {
  return scopeOf(RHCC_PREFIX, RHCC_REPOSITORY, cpe);
}

/** The scope of containers that only a tag of Red Hat's catalog names: advisories for any product hold. */
export const ANY_PRODUCT = `${RHCC_PREFIX}*`;

function scopeOf(prefix: string, key: string, cpe: Cpe): Scope {
  const text = formatCpe(cpe);
  return { key: prefix + text, repository: { name: text, key, cpe: text } };
}

/** An advisory's CPE holds for those that it contains, and for releases of the version that it names. */
export function coverByCpe(prefix: string): Cover {
  const known = new Map<string, Cpe | undefined>();
  const cpeOf = (scope: string): Cpe | undefined => {
    if (!known.has(scope)) {
      // Feeds say some thousands; images may say anything.
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(scope, parseCpe(scope.slice(prefix.length)));
    }
    return known.get(scope);
  };
  return {
    prefix,
    covers(advisory, lookup) {
      const ours = cpeOf(advisory);
      if (ours === undefined) return false;
      if (lookup === `${prefix}*`) return true;
      const theirs = cpeOf(lookup);
      return theirs !== undefined && coversByPrefix(ours, theirs);
    },
  };
}

const MAX_KNOWN = 20_000;
