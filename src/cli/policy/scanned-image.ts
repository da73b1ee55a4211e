/** What a scanned image is known by in VEX documents. */
import { parseReference } from '../../image/registry/reference.ts';
import type { ImagePlace } from '../../vex/match-purl.ts';
import type { ScannedImage } from '../../vex/vex-index.ts';
import type { ScanResult } from '../outcome/scan-result.ts';

/** Of a directory the digest is of no image: then only statements about packages hold. */
export function imageIdentity({
  target: { kind },
  report: { manifest_hash: digest, distributions },
  names: { indexes, names, sbom },
}: Pick<ScanResult, 'target' | 'report' | 'names'>): ScannedImage {
  const { serial, version, subject } = sbom ?? {};
  const link = serial && `urn:cdx:${serial.replace(/^urn:uuid:/i, '')}/${version}`;
  return {
    digests: kind === 'dir' ? [] : [digest, ...indexes],
    places: names.flatMap(placeOf),
    platforms: Object.values(distributions).flatMap(({ cpe }) => (cpe === '' ? [] : [cpe])),
    ...(sbom && {
      bom: { ...(link && { link }), ...(subject && { subject: subject.ref, purl: subject.purl }) },
    }),
  };
}

function placeOf(name: string): ImagePlace[] {
  try {
    const { host, repository, tag = '' } = parseReference(name);
    return [{ repository: `${host}/${repository}`.toLowerCase(), tag }];
  } catch {
    return [];
  }
}
