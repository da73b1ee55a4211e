/** Swift: packages that `Package.resolved` names. */
import { languagePurl } from '../../formats/purl/language.ts';
import { semverScheme } from '../../formats/versions/semver-scheme.ts';
import { osvLanguage } from '../osv-language.ts';
import { swiftLists, swiftLocks } from './detect-locks.ts';
import { lookups, normaliseName, SWIFT, SWIFT_SCOPE } from './lookups.ts';
import { projectFiles } from './project-files.ts';

/** Matched against the advisories of SwiftURL in OSV. */
export const swift = osvLanguage({
  id: 'swift',
  type: 'swift',
  scope: SWIFT_SCOPE,
  repository: SWIFT,
  normaliseName,
  detectors: [swiftLocks],
  lists: swiftLists,
  projectFiles,
  versions: semverScheme('swift'),
  lookups,
  purl: languagePurl({ type: 'swift', repository: SWIFT, separator: '/' }),
  purlType: 'swift',
  dump: 'SwiftURL',
  mirrorsMayLack: true,
  ranges: ['SEMVER', 'ECOSYSTEM'],
  clairVersions: 'text',
});
