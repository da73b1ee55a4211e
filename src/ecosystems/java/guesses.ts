/** Archives that do not say their coordinates: what advisories about them may call them. */
import type { Guess } from '../../contract/lookup.ts';
import type { IndexedPackage } from '../../model/index-report.ts';
import { MAVEN_CENTRAL } from './detect-archives.ts';
import { MAVEN_SCOPE } from './lookups.ts';

/** `jar:` and `file:` are where a manifest or a file name was all there was. */
const GUESSED = /^(?:jar|file):/;
const ARCHIVE = /\.[a-z]{3}$/i;
const VERSION = /-\d[-.0-9A-Za-z_]*$/;

/**
 * The artifact may be any part of the name, the last word of a symbolic name (`org.apache.tomcat-embed-core`), or the name
 * of the file.
 */
export function guesses({ package: found, environments }: IndexedPackage): Guess | undefined {
  const places = environments.filter(({ repositories }) =>
    repositories?.some(({ name }) => name === MAVEN_CENTRAL.name),
  );
  if (places.length === 0 || found.kind !== 'binary') return undefined;
  const guessed = places.filter(({ packageDb }) => GUESSED.test(packageDb));
  if (guessed.length === 0 && found.name.includes(':')) return undefined;
  const parts = found.name.split(':');
  const files = guessed.map(({ packageDb }) => baseOf(packageDb));
  const words = [...parts, ...parts.map((part) => part.slice(part.lastIndexOf('.') + 1)), ...files];
  return {
    scope: MAVEN_SCOPE,
    artifacts: [...new Set(words.filter((word) => word !== '').map((word) => word.toLowerCase()))],
  };
}

/** `commons-io` of `jar:app.war:WEB-INF/lib/commons-io-2.4.jar`. */
function baseOf(database: string): string {
  const file = database.replace(/^.*[/:]/s, '');
  return file.replace(ARCHIVE, '').replace(VERSION, '');
}
