/** Finds packages of package managers of which no feed speaks, so that they are counted, and their files accounted for. */
import { recordDetector } from '../record-files.ts';
import { RECORDS } from './records.ts';

// differs: detectors that Clair does not have: conda, CPAN, LuaRocks, Homebrew, Portage, opkg, Spack, Flatpak, Snap, vcpkg, Conan, Bower, PECL, SWI-Prolog, and plugins of WordPress
export const recordDetectors = RECORDS.map((kind) =>
  recordDetector(kind, { revision: '4', account: 'inventory' }),
);
