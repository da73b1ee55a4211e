/** Packages of apk as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { osPurl } from '../../formats/purl/os.ts';
import { type Distribution, NO_DISTRIBUTION } from '../../model/package.ts';
import { rowOf } from './distributions.ts';

const os = osPurl({
  type: 'apk',
  distribution,
  isRolling(id) {
    const row = rowOf(id);
    return row !== undefined && row.releases === undefined;
  },
});

/** `pkg:apk/…`; Docker's older SBOMs have the distribution as the type: `pkg:alpine/…`. */
export const purl: PurlMapping = { ...os, types: [...os.types, 'alpine'] };

function distribution(id: string, version: string): Distribution | undefined {
  const did = id.toLowerCase();
  const row = rowOf(did);
  if (row !== undefined) {
    const { id: known, name } = row;
    return { ...NO_DISTRIBUTION, did: known, name, version, versionId: version, prettyName: name };
  }
  if (did !== 'alpine') return undefined;
  const release = /edge|_alpha/.test(version) ? 'edge' : /^v?(\d+\.\d+)/.exec(version)?.[1];
  if (release === undefined) return undefined;
  const name = 'Alpine Linux';
  const prettyName = `${name} ${release === 'edge' ? release : `v${release}`}`;
  return { ...NO_DISTRIBUTION, did, name, version: release, prettyName };
}
