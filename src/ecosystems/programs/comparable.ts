/** From a version as a program writes it to the one that ranges of upstream versions are compared with. */
import { wordOf } from './version.ts';

const FORM = /^(\d+(?:\.\d+){0,4})(?:[-._~]?(alpha|beta|preview|pre|rc|dev|milestone|a|b|c|m)[-.]?(\d*))?$/i;

/** OpenJDK's before 9: `1.8.0_392-b08`, `8u392`; ranges have `8.0.392`. */
const OLD_JAVA = /^(?:1\.(\d)\.0(?:_(\d+))?|(\d)u(\d+))(?:[-+].*)?$/;

/**
 * Three numbers and a pre-release, `3.13.0-rc.2` of `3.13.0rc2`; of four numbers the last is lost. What has another form
 * is as it was: whether ranges hold it is undecided then.
 */
export function comparableVersion(name: string, version: string): string {
  const old = name === 'java' ? OLD_JAVA.exec(version) : null;
  if (old !== null) {
    const [, major, update = '0', shortMajor, shortUpdate] = old;
    return major === undefined ? `${shortMajor}.0.${Number(shortUpdate)}` : `${major}.0.${Number(update)}`;
  }
  const [, numbers = '', word, number = ''] = FORM.exec(withoutBuild(version)) ?? [];
  if (numbers === '') return version;
  const [major = '0', minor = '0', patch = '0'] = numbers.split('.').map((digits) => `${BigInt(digits)}`);
  const release = `${major}.${minor}.${patch}`;
  if (word === undefined) return release;
  return [`${release}-${wordOf(word)}`, ...(number === '' ? [] : [`${BigInt(number)}`])].join('.');
}

/** Without what names who built it and from what: none of it has an order among releases. */
function withoutBuild(version: string): string {
  return version
    .trim()
    .slice(0, 200)
    .replace(/^(?:\d+:)?(?:go|v)?(?=\d)/, '')
    .replace(/^RELEASE\.(\d{4})-(\d\d)-(\d\d)T.*$/s, '$1.$2.$3')
    .replace(/\+.*$/s, '')
    .replace(
      /-(?:MariaDB|LTS|b\d+|\d+\+deb|\d+ubuntu|deb\d+|el\d+|ee|ent|ce|community|enterprise)\b.*$/is,
      '',
    )
    .replace(/(?<=\d)p\d+$/, '')
    .replace(/(?<=^\d+\.\d+\.\d+)-(?:\d{1,3}|[0-9a-f]{7,40})$/, '');
}
