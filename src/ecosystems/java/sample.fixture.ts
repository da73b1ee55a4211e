/** What this ecosystem gives to the tests that hold for all. */

import { file, type Sample, saidOfLanguage } from '../../contract/sample.fixture.ts';
import { makeZip } from '../../formats/archives/zip.fixture.ts';
import { MAVEN_SCOPE } from './lookups.ts';

export const sample: Sample = {
  of: 'java',
  files: [
    file(
      'opt/a.jar',
      makeZip({
        members: [{ name: 'META-INF/pom.properties', content: 'groupId=g\nartifactId=a\nversion=1.0\n' }],
      }),
    ),
  ],
  says: saidOfLanguage(MAVEN_SCOPE, 'query'),
};
