/** Who we are, and what we can do, in Harbor's words. */
import type { z } from 'zod';
import { VERSION } from '../lib/version.ts';
import type { HarborMetadata } from '../model/api/harbor.ts';
import { CONSUMED, SBOM_FORMATS, SBOM_TYPES, VULNERABILITY_TYPES } from './media-types.ts';

export const SCANNER = { name: 'Clair', vendor: 'Clair', version: VERSION } as const;

/** `updatedAt`: of the advisory database; undefined: nothing is loaded. Registries are asked with the robot's name and secret: a token of theirs could not be renewed. */
export function metadataOf(updatedAt: Date | undefined): z.infer<typeof HarborMetadata> {
  return {
    scanner: SCANNER,
    capabilities: [
      {
        type: 'vulnerability',
        consumes_mime_types: [...CONSUMED],
        produces_mime_types: [...VULNERABILITY_TYPES],
      },
      {
        type: 'sbom',
        consumes_mime_types: [...CONSUMED],
        produces_mime_types: [...SBOM_TYPES],
        additional_attributes: { sbom_media_types: [...SBOM_FORMATS] },
      },
    ],
    properties: {
      'harbor.scanner-adapter/scanner-type': 'os-package-vulnerability',
      'harbor.scanner-adapter/registry-authorization-type': 'Basic',
      ...(updatedAt && {
        'harbor.scanner-adapter/vulnerability-database-updated-at': updatedAt.toISOString(),
      }),
    },
  };
}
