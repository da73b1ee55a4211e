/** Finds packages of package managers of which no feed speaks, so that they are counted, and their files accounted for. */
import { recordDetector } from '../record-files.ts';
import { APPLICATION_RECORDS } from './application-records.ts';
import { RECORDS } from './records.ts';
import { SYSTEM_RECORDS } from './system-records.ts';

// differs: detectors that Clair does not have: conda, CPAN, LuaRocks, Homebrew, Portage, opkg, Spack, Flatpak, Snap, vcpkg, Conan, Bower, PECL, SWI-Prolog, Slackware, Void, Solus, Container-Optimized OS, Terraform, and extensions of WordPress, Drupal, Joomla and Grafana
export const recordDetectors = [...RECORDS, ...SYSTEM_RECORDS, ...APPLICATION_RECORDS].map((kind) =>
  recordDetector(kind, { revision: '4', account: 'inventory' }),
);
