/** Packages of dpkg as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { osPurl } from '../../formats/purl/os.ts';
import { type Distribution, NO_DISTRIBUTION } from '../../model/package.ts';
import { debianRelease, ubuntuRelease } from './releases.ts';

/** `pkg:deb/…`. Source packages without a version of their own have the binary's. */
export const purl: PurlMapping = osPurl({ type: 'deb', distribution });

function distribution(id: string, version: string): Distribution | undefined {
  const did = id.toLowerCase();
  if (did !== 'debian' && did !== 'ubuntu') return undefined;
  const number = (did === 'debian' ? /^\d+/ : /^\d+\.\d+/).exec(version)?.[0] ?? '';
  const codeName = /^[a-z]+/.exec(version)?.[0] ?? '';
  if (number === '' && codeName === '') return undefined;
  const release = did === 'debian' ? debianRelease(number, codeName) : ubuntuRelease(number, codeName);
  // An SBOM tells no code name beside a number.
  return codeName === ''
    ? { ...NO_DISTRIBUTION, ...release, version: number, prettyName: `${release.name} ${number}` }
    : release;
}
