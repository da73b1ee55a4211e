/**
 * Extra Packages for Enterprise Linux: what Fedora builds for Red Hat's distributions and those that are built from them.
 * Neither Red Hat nor they say anything of these packages; Fedora's own advisories do.
 */
import type { Distribution, Repository } from '../../../model/package.ts';
import { numberedRelease } from './releases.ts';

export const EPEL_MAJORS = ['7', '8', '9', '10'] as const;

/** What rpm's header calls the maker. */
const VENDOR = 'Fedora Project';

/** The release of a package for EPEL: `3.el9`, `1.el10_1`, `2.el8.1`. */
const DIST_TAG = /\.el(\d+)(?:[._]|$)/;

const KEY = 'epel';

type EpelRepository = Required<Pick<Repository, 'name' | 'key' | 'uri'>>;

/** As a release of its own, `9`. */
export function epelRelease(major: string): Distribution {
  return numberedRelease(KEY, 'Extra Packages for Enterprise Linux', major);
}

/** The repository of a package whose header names `vendor`; undefined if it is of another maker, or of Fedora itself. */
export function epelRepositoryOf(vendor: string, version: string): EpelRepository | undefined {
  const major = DIST_TAG.exec(version)?.[1];
  if (major === undefined || vendor.trim() !== VENDOR) return undefined;
  return repositoryOf(major);
}

/** The repository at `uri`, as package URLs name it; undefined if it is another. */
export function epelRepositoryAt(uri: string): EpelRepository | undefined {
  const major = /^https:\/\/dl\.fedoraproject\.org\/pub\/epel\/(\d+)\//.exec(uri)?.[1];
  return major === undefined ? undefined : repositoryOf(major);
}

function repositoryOf(major: string): EpelRepository {
  return { name: `${KEY}-${major}`, key: KEY, uri: `https://dl.fedoraproject.org/pub/epel/${major}/` };
}

/** The release of EPEL that `repository` is; undefined if it is another repository. */
export function epelReleaseOf({ key, name = '' }: Repository): Distribution | undefined {
  const major = key === KEY ? /^epel-(\d+)$/.exec(name)?.[1] : undefined;
  return major === undefined ? undefined : epelRelease(major);
}
