/** Debian and Ubuntu: packages that dpkg installed, and what both say about them. */
import { newestDatabase } from '../coalesce.ts';
import type { Ecosystem } from '../contract.ts';
import { debianFeeds } from './debian-feed.ts';
import { debianDetector, ubuntuDetector } from './distributions.ts';
import { dpkg } from './dpkg.ts';
import { dpkgDistroless } from './dpkg-distroless.ts';
import { findings } from './findings.ts';
import { ubuntuFeeds } from './ubuntu-feed.ts';
import { dpkgVersions } from './version.ts';

/** The family of dpkg. */
export const deb: Ecosystem = {
  id: 'deb',
  detectors: [dpkg, dpkgDistroless, debianDetector, ubuntuDetector],
  coalesce: newestDatabase,
  versions: dpkgVersions,
  findings,
  feeds: [debianFeeds, ubuntuFeeds],
};
