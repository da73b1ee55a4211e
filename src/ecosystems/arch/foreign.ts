/** Vulnerabilities of Arch Linux as our exports write them, read back into what the tracker says. */
import type { ForeignVulnerability } from '../../contract/foreign.ts';
import { advisoryOf } from '../../formats/clair/foreign.ts';
import type { Advisory } from '../../model/advisory.ts';
import { ARCH } from './release.ts';

/** One. */
export function advisoriesOf(foreign: ForeignVulnerability): readonly Advisory[] {
  const { distribution, repository, fixedInVersion } = foreign;
  if (distribution.did !== ARCH || repository.name !== '') return [];
  return [
    advisoryOf(foreign, {
      scope: ARCH,
      kind: 'binary',
      interval: fixedInVersion === '' ? {} : { below: fixedInVersion },
    }),
  ];
}
