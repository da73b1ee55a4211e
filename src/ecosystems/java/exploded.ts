/**
 * Java libraries whose archives were unpacked: web applications, and shaded applications as buildpacks and servlet containers
 * lay them out. Maven's properties of each lie where they were in the archive.
 */
import type { Detection, Detector } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { MAX_PROPERTIES, ofProperties } from './coordinates.ts';
import { MAVEN_CENTRAL } from './detect-archives.ts';

const PROPERTIES = /(?:^|\/)META-INF\/maven\/[^/]+\/[^/]+\/pom\.properties$/;

const LINE_ENDS: ReadonlySet<number | undefined> = new Set([0x0a, 0x0d]);

/** What a build leaves of the project itself. */
const BUILT = /(?:^|\/)(?:target|build)\//;

// differs: a detector that Clair does not have: archives that were unpacked
export const explodedArchives: Detector = {
  id: 'java-exploded',
  revision: '2',
  kind: 'package',
  wants: ({ path, type }) =>
    type === 'file' && path.endsWith('/pom.properties') && PROPERTIES.test(path) && !BUILT.test(path),
  *read(layer): Generator<Detection> {
    let any = false;
    for (const file of layer.files) {
      const { path } = file;
      const problem = (reason: string): Detection => ({ found: 'problem', where: path, reason });
      try {
        const content = file.start(MAX_PROPERTIES);
        const found = ofProperties(content);
        // Maven ends each line, the last one as well: a version of which a part was cut off looks like any other.
        if (found !== undefined && !LINE_ENDS.has(content.at(-1)))
          yield problem('the last line has no end: a part of the file may be missing');
        if (found === undefined) yield problem('not group, artifact and version that can be read');
        else
          yield { found: 'package', package: { ...found, kind: 'binary', database: `maven:${path}`, path } };
        any ||= found !== undefined;
      } catch (error) {
        yield problem(messageOf(error));
      }
    }
    if (any) yield { found: 'repository', repository: MAVEN_CENTRAL };
  },
};
