/** What a target is called: names by which documents of others may mean it. */
import type { Digest } from '../../model/digest.ts';
import type { SbomNames } from '../../sbom/read-sbom.ts';

/** What a target is called beside its name in reports. */
export interface TargetNames {
  /** Digests of the indexes that an image was chosen from. */
  readonly indexes: readonly Digest[];
  /** Of the image, where it was found. */
  readonly names: readonly string[];
  /** Of an SBOM and of what is in it. */
  readonly sbom?: SbomNames;
}
