/** Packages of dpkg as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { osPurl } from '../../formats/purl/os.ts';
import type { Distribution } from '../../model/package.ts';
import { debianOf, echoRelease, ubuntuOf } from './releases.ts';

/** As dpkg-query shows a package of one architecture (`${binary:Package}`); the words are those of `dpkg-architecture -L` for Linux. */
const OF_ARCHITECTURE =
  /:(?:all|any|alpha|amd64|arc|arm64|armel|armhf|hppa|i386|ia64|loong64|m68k|mips\w*|powerpc|ppc64|ppc64el|riscv64|s390x|sh4|sparc|sparc64|x32)$/;

/** `pkg:deb/…`. Source packages without a version of their own have the binary's. */
export const purl: PurlMapping = osPurl({
  type: 'deb',
  distribution,
  readName: (name) => name.replace(OF_ARCHITECTURE, ''),
});

function distribution(id: string, version: string): Distribution | undefined {
  const did = id.toLowerCase();
  if (did === 'echo') return echoRelease(version);
  if (did !== 'debian' && did !== 'ubuntu') return undefined;
  const codeName = /^[a-z]+/.exec(version)?.[0] ?? '';
  return did === 'debian' ? debianOf(version, codeName) : ubuntuOf(version, codeName);
}
