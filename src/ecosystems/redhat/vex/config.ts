/** What the configuration says about the advisories of Red Hat. */
import { z } from 'zod';
import { httpUrl, readFeedConfig } from '../../../feeds/feed-config.ts';
import { parseDuration } from '../../../lib/duration.ts';

/** `updaters.config.rhel-vex`. */
export interface VexConfig {
  readonly url: string;
  /** ms that the download of the archive may take; undefined: as long as it goes on. */
  readonly archiveTimeout: number | undefined;
  readonly ignoreKernel: boolean;
}

const Config = z.object({
  url: httpUrl.default('https://security.access.redhat.com/data/csaf/v2/vex/'),
  compressed_file_timeout: z
    .string()
    .refine((text) => (parseDuration(text) ?? 0) > 0, 'not a duration such as 2m or 90s')
    .transform(parseDuration)
    .optional(),
  ignore_kernel_packages: z.boolean().default(false),
  // Rewrites the versions of fixes by expressions of CEL. Read without them, they would be other versions than meant.
  fixed_in_version_cel: z
    .undefined(
      'expressions of CEL are not supported; remove the key to load the versions that Red Hat publishes',
    )
    .optional(),
});

/** Throws `bad-config`. */
export function readVexConfig(config: unknown): VexConfig {
  const { url, compressed_file_timeout, ignore_kernel_packages } = readFeedConfig('rhel-vex', Config, config);
  return { url, archiveTimeout: compressed_file_timeout, ignoreKernel: ignore_kernel_packages };
}
