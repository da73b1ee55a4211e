/** What the name of an archive says: the artifact, and its version. */
import { ARCHIVE_NAME } from './archive.ts';

export interface FileName {
  /** `commons-io` of `commons-io-2.4.jar`; the whole name without its end if there is no version in it. */
  readonly artifact: string;
  readonly version?: string;
  /** A zip may hold anything, and so may an archive of another name. */
  readonly mayBeOther?: boolean;
}

/** No repository has longer names. */
const MAX_LENGTH = 512;

/** Each word after a hyphen begins with a digit, or is one that versions have: `2.2.3-1`, `29.0-jre`, `1.0-beta-2`. */
const VERSION =
  /^\d[.0-9A-Za-z]*(?:-(?:\d[.0-9A-Za-z]*|(?:a|alpha|android|atlassian|b|beta|build|cr|dev|ea|ga|final|incubating|jdk|jre|m|milestone|pre|preview|rc|redhat|release|snapshot|sp)[.\d]*))*$/i;

/** Parts of a name behind its version: for which machine, with what in it. */
const CLASSIFIER =
  /-(?:(?:linux|osx|macos|windows|android|native|natives|uber|shaded|all|exec|boot|tests?|sources|javadoc|no_aop|jakarta|jar-with-dependencies|with-dependencies|fat|bundle|standalone|runtime|full|slim|client)(?:[-_.][A-Za-z][-\w.]*)?)$/i;

/** Plugins of Eclipse: `org.eclipse.jdt.core_3.26.0.v20210609`. */
const PLUGIN = /^([!-~]+?)_(\d+\.\d+\.\d+[-.\w]*)$/;

/** Ends of archives that are kept: `app-1.0.jar.original` of Spring Boot, `app-1.0.war.bak`. */
const PUT_ASIDE = /\.(?:jar|war|ear)\.\w+$/i;

/** Reads the base name of an archive; undefined if nothing can be meant by it. */
export function readFileName(base: string): FileName | undefined {
  const isNamed = ARCHIVE_NAME.test(base);
  const whole = base.replace(isNamed ? ARCHIVE_NAME : PUT_ASIDE, '');
  if (base.length > MAX_LENGTH || !/^[!-~]+$/.test(whole)) return undefined;
  const read = split(whole);
  if (read.artifact === '') return undefined;
  return !isNamed || /\.(?:zip|rar)$/i.test(base) ? { ...read, mayBeOther: true } : read;
}

/** Names have versions in them (`log4j-1.2-api-2.19.0`): it begins at the first number after which all is a version. */
function split(text: string): FileName {
  const starts = [...text.matchAll(/-(?=\d)/g)].map(({ index }) => index);
  const versionAt = (start: number): string => text.slice(start + 1).replace(CLASSIFIER, '');
  const at = starts.find((start) => VERSION.test(versionAt(start))) ?? starts.at(-1);
  if (at !== undefined && at > 0) {
    const version = versionAt(at);
    return /^[-.+\w]+$/.test(version) ? { artifact: text.slice(0, at), version } : { artifact: text };
  }
  const [, plugin, version] = PLUGIN.exec(text) ?? [];
  return plugin === undefined || version === undefined ? { artifact: text } : { artifact: plugin, version };
}
