/** Packages of dpkg as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { osPurl } from '../../formats/purl/os.ts';
import type { Distribution } from '../../model/package.ts';
import { debianOf, echoRelease, ubuntuOf } from './releases.ts';

/** `pkg:deb/…`. Source packages without a version of their own have the binary's. */
export const purl: PurlMapping = osPurl({
  type: 'deb',
  distribution,
  // As dpkg-query shows it (`${binary:Package}`): policy 5.6.7 has no colon in names.
  readName: (name) => name.replace(/:.*$/s, ''),
});

function distribution(id: string, version: string): Distribution | undefined {
  const did = id.toLowerCase();
  if (did === 'echo') return echoRelease(version);
  if (did !== 'debian' && did !== 'ubuntu') return undefined;
  const codeName = /^[a-z]+/.exec(version)?.[0] ?? '';
  return did === 'debian' ? debianOf(version, codeName) : ubuntuOf(version, codeName);
}
