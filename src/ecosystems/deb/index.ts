/** Debian, Ubuntu and Echo: packages that dpkg installed, and what their makers say about them. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import { lazyFeeds } from '../../feeds/lazy-feeds.ts';
import { newestDatabase } from '../coalesce.ts';
import { chisel } from './chisel.ts';
import { debianDetector, echoDetector, ubuntuDetector } from './distributions.ts';
import { dpkg } from './dpkg.ts';
import { dpkgDistroless } from './dpkg-distroless.ts';
import { advisoriesOf } from './foreign.ts';
import { lookups } from './lookups.ts';
import { purl } from './purl.ts';
import { dpkgVersions } from './version.ts';

/** The family of dpkg. */
export const deb: Ecosystem = {
  id: 'deb',
  type: 'deb',
  scopes: ['debian:', 'ubuntu:', 'echo'],
  matchers: { 'debian-matcher': ['debian:'], 'ubuntu-matcher': ['ubuntu:'] },
  detectors: [dpkg, dpkgDistroless, chisel, debianDetector, ubuntuDetector, echoDetector],
  packageFiles: [{ begins: /^!<arch>\ndebian/, name: /^([^_]+)_/ }],
  coalesce: newestDatabase,
  versions: dpkgVersions,
  lookups,
  advisoriesOf,
  purl,
  feeds: [
    lazyFeeds('debian', async () => (await import('./debian-feed.ts')).debianFeeds, ['debian:']),
    lazyFeeds('echo', async () => (await import('./echo-feed.ts')).echoFeeds, ['echo']),
    lazyFeeds('ubuntu', async () => (await import('./ubuntu-feed.ts')).ubuntuFeeds, ['ubuntu:']),
  ],
};
