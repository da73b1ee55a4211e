/** Which distribution the layers of a recorded image say that they are of. */
import { parseOsRelease } from '../../src/formats/os/os-release.ts';
import { fileAt } from './layers.ts';
import type { Case } from './rule.ts';

const OS_RELEASE = ['etc/os-release', 'usr/lib/os-release'];

/** Older than os-release(5), in words. */
const GREETINGS = ['issue', 'SuSE-release', 'photon-release', 'oracle-release', 'redhat-release'];

/** The assignments of all os-release files. */
export function osReleases(at: Case): ReadonlyMap<string, string>[] {
  return textsOf(OS_RELEASE, at).map(parseOsRelease);
}

/** All lines of all os-release files. */
export function osReleaseLines(at: Case): string[] {
  return textsOf([...OS_RELEASE, 'etc/lsb-release'], at).flatMap((text) => text.split('\n'));
}

/** All IDs that the layers say. */
export function releaseIds(at: Case): Set<string> {
  const lsb = textsOf(['etc/lsb-release'], at).map((text) => parseOsRelease(text).get('DISTRIB_ID'));
  // os-release(5): without an ID it is "linux".
  const ids = [...osReleases(at).map((values) => values.get('ID') ?? 'linux'), ...lsb];
  return new Set(ids.flatMap((id) => id?.toLowerCase() ?? []));
}

/** Whether a layer says that it is of `distribution`, a JSON text; a variant such as `sles_sap` is of `sles`. */
export function namesDistribution(distribution: string, at: Case): boolean {
  if (distribution === '') return false;
  const { did, name } = JSON.parse(distribution) as { did: string; name: string };
  return (
    [...releaseIds(at)].some((id) => id === did.toLowerCase() || id.startsWith(`${did}_`)) ||
    greetings(at).some((text) => text.includes(name) || text.includes(distributionWords(distribution)))
  );
}

/** The old files of words. */
export function greetings(at: Case): string[] {
  return textsOf(
    GREETINGS.map((name) => `etc/${name}`),
    at,
  );
}

/** `SUSE Linux Enterprise Server 11` */
function distributionWords(distribution: string): string {
  return (JSON.parse(distribution) as { pretty_name: string }).pretty_name;
}

function textsOf(paths: readonly string[], at: Case): string[] {
  return at.layers().flatMap((layer) => paths.flatMap((path) => fileAt(layer, path)?.toString('utf8') ?? []));
}
