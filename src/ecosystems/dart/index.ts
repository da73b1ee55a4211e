/** Dart and Flutter: packages in caches of pub, and those that `pubspec.lock` names. */
import { languagePurl } from '../../formats/purl/language.ts';
import { semverScheme } from '../../formats/versions/semver-scheme.ts';
import { osvLanguage } from '../osv-language.ts';
import { cachedDart } from './detect-installed.ts';
import { dartLists, dartLocks } from './detect-locks.ts';
import { lookups, PUB, PUB_SCOPE } from './lookups.ts';
import { projectFiles } from './project-files.ts';

/** Matched against the advisories of Pub in OSV. */
export const dart = osvLanguage({
  id: 'dart',
  type: 'dart',
  scope: PUB_SCOPE,
  repository: PUB,
  detectors: [cachedDart, dartLocks],
  lists: dartLists,
  projectFiles,
  versions: semverScheme('pub'),
  lookups,
  purl: languagePurl({ type: 'pub', repository: PUB }),
  purlType: 'pub',
  dump: 'Pub',
  mirrorsMayLack: true,
  ranges: ['SEMVER', 'ECOSYSTEM'],
  clairVersions: 'text',
});
