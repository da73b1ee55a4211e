/** What a scanned image is known by in VEX documents. */
import { parseReference } from '../../image/registry/reference.ts';
import type { VulnerabilityReportWire } from '../../matcher/report-wire.ts';
import type { ScannedImage } from '../../vex/vex-index.ts';

/** Of a directory or an SBOM the digest is of no image: then only statements about packages hold. */
export function imageIdentity(
  { name, kind }: { readonly name: string; readonly kind: string },
  { manifest_hash: digest, distributions }: VulnerabilityReportWire,
): ScannedImage {
  const platforms = Object.values(distributions).flatMap(({ cpe }) => (cpe === '' ? [] : [cpe]));
  const none = { digest: kind === 'dir' ? '' : digest, repository: '', tag: '', platforms };
  if (kind !== 'registry') return none;
  try {
    const { host, repository, tag = '' } = parseReference(name);
    return { ...none, repository: `${host}/${repository}`.toLowerCase(), tag };
  } catch {
    return none;
  }
}
