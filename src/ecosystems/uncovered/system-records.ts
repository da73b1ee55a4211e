/** Package databases of distributions whose advisories no feed has. */
import { fieldOf, parseJson } from '../../formats/json/file.ts';
import type { RecordKind } from '../record-files.ts';
import { byPath, listed } from './records.ts';

/** slackpkg(8): a file for each package, called NAME-VERSION-ARCH-BUILD. */
const SLACKWARE = /(?:^|\/)var\/(?:log|lib\/pkgtools)\/packages\/([^/]+)-([^-/]+)-[^-/]+-[^-/]+$/;
/** Folders NAME-VERSION-RELEASE. */
const EOPKG = /(?:^|\/)var\/lib\/eopkg\/package\/([^/]+)-([^-/]+-[^-/]+)\/metadata\.xml$/;
const XBPS = /(?:^|\/)var\/db\/xbps\/pkgdb-[\d.]+\.plist$/;
const COS = /(?:^|\/)etc\/cos-package-info\.json$/;

export const SYSTEM_RECORDS: readonly RecordKind[] = [
  {
    id: 'slackware',
    part: '/packages/',
    is: SLACKWARE,
    read: (path) => byPath(path, SLACKWARE),
    lists: {
      is: SLACKWARE,
      *files(_path, text) {
        yield* text.slice(text.indexOf('\nFILE LIST:')).split('\n');
      },
    },
  },
  {
    // Void Linux: a property list of all packages, and one with the files of each.
    id: 'xbps',
    part: 'var/db/xbps/',
    is: XBPS,
    read(_path, text) {
      const versions = [...text.matchAll(/<key>pkgver<\/key>\s*<string>([^<]+)-([^-<]+)<\/string>/g)];
      if (versions.length === 0) throw new Error('it is no database of xbps, or an empty one');
      return versions.flatMap(([, name, version]) => listed(name, version));
    },
    lists: {
      is: /(?:^|\/)var\/db\/xbps\/\.[^/]+-files\.plist$/,
      *files(_path, text) {
        for (const [, path] of text.matchAll(/<key>file<\/key>\s*<string>\/([^<]+)<\/string>/g))
          if (path !== undefined) yield path;
      },
    },
  },
  {
    // Solus, and Pardus before it.
    id: 'eopkg',
    part: 'var/lib/eopkg/package/',
    is: EOPKG,
    read: (path) => byPath(path, EOPKG),
    lists: {
      is: /(?:^|\/)var\/lib\/eopkg\/package\/[^/]+\/files\.xml$/,
      *files(_path, text) {
        for (const [, path] of text.matchAll(/<Path>\/?([^<]+)<\/Path>/g)) if (path !== undefined) yield path;
      },
    },
  },
  {
    // Container-Optimized OS: what was built for it is no part of it.
    id: 'cos',
    part: 'etc/cos-package-info.json',
    is: COS,
    read(_path, text) {
      const installed = fieldOf(parseJson(text), 'installedPackages');
      if (!Array.isArray(installed)) throw new Error('it has no list installedPackages');
      return installed.flatMap((each) =>
        listed(
          `${String(fieldOf(each, 'category'))}/${String(fieldOf(each, 'name'))}`,
          fieldOf(each, 'version'),
        ),
      );
    },
  },
];
