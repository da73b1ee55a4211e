/** Whether an archive can be what advisories call `GROUP:ARTIFACT`, by the packages of its classes. */
import type { Clues } from '../../model/package.ts';
import { SHARED_DOMAIN } from './manifest-groups.ts';

/** `own`: nothing speaks against it. `perhaps`: nothing speaks for it but the name. `no`: a name that many have, elsewhere. */
export type Fit = 'own' | 'perhaps' | 'no';

/** Words that tell no product: half of all projects have an artifact `core`. */
const COMMON = new Set(
  'api app application base boot build client code common commons core data database db dev impl io java javax jar jdk lib libs library main model net parent plugin plugins rest runtime sdk server service services shared starter test tests tool tools util utils web'.split(
    ' ',
  ),
);
/** Words at the start of groups that tell no owner. */
const DOMAINS = /^(?:com|org|net|io|edu|gov|de|fr|uk|co|cn|eu|ch|ru|it|nl|jp|github|sf|sourceforge|gitlab)$/;

/** `name`: of an advisory; `manifest`: groups that the manifest hints at count as folders do. */
export function fitOf(name: string, { folders, groups, root }: Clues): Fit {
  const [group = '', artifact = ''] = name.toLowerCase().replaceAll('jakarta', 'javax').split(':');
  const places = [...groups, ...folders].map((each) => each.toLowerCase().replaceAll('jakarta', 'javax'));
  if (places.length === 0) return 'perhaps';
  if (groups.some((each) => each.toLowerCase() === group)) return 'own';
  if (!SHARED_DOMAIN.test(group) && places.some((place) => within(place, group))) return 'own';
  const owner = group.split('.').filter((word) => !DOMAINS.test(word));
  const words = new Set(places.flatMap((place) => place.split('.')).filter((word) => !DOMAINS.test(word)));
  const has = (word: string): boolean => [...words].some((each) => alike(word, each));
  const ofArtifact = new Set(artifact.split(/[-._]/));
  const telling = owner.filter((word) => !COMMON.has(word) && !ofArtifact.has(word));
  // All words of the group that the artifact does not have: `com.h2database` has org.h2, `commons-io` org.apache.commons.io.
  if (owner.some((word) => !COMMON.has(word) && has(word)) && telling.every(has)) return 'own';
  // Classes that are in no domain cannot show the group's: okhttp3 of com.squareup.okhttp3.
  const [first = ''] = root.toLowerCase().split('.');
  if (first !== '' && !/^(?:com|org|net|io|javax?)$/.test(first) && owner.some((word) => alike(word, first)))
    return 'own';
  const isTelling = [...ofArtifact].some((word) => !COMMON.has(word) && !/^v?\d*$/.test(word));
  const domain = group.split('.').slice(0, 2).join('.');
  if (
    isTelling &&
    domain.includes('.') &&
    !SHARED_DOMAIN.test(domain) &&
    places.some((p) => within(p, domain))
  )
    return 'own';
  return isTelling ? 'perhaps' : 'no';
}

function within(place: string, prefix: string): boolean {
  return prefix !== '' && (place === prefix || place.startsWith(`${prefix}.`));
}

/** One begins with the other: springframework and spring, h2database and h2, quartz-scheduler and quartz. */
function alike(a: string, b: string): boolean {
  const [x, y] = [a.replaceAll(/[-_]/g, ''), b.replaceAll(/[-_]/g, '')];
  const [short, long] = x.length < y.length ? [x, y] : [y, x];
  return long.startsWith(short) && (short.length > 2 || long === short || /^[a-z]\d$/.test(short));
}
