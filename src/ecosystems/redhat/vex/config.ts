/** What the configuration says about the advisories of Red Hat. */
import { z } from 'zod';
import { messageOf } from '../../../errors.ts';
import { httpUrl, readFeedConfig } from '../../../feeds/feed-config.ts';
import { parseDuration } from '../../../lib/duration.ts';
import { compileFixedIn, type FixRewriter } from './fixed-in-cel.ts';

/** `updaters.config.rhel-vex`. */
export interface VexConfig {
  readonly url: string;
  /** ms that the download of the archive may take; undefined: as long as it goes on. */
  readonly archiveTimeout: number | undefined;
  readonly ignoreKernel: boolean;
  /** Makes the versions of fixes; undefined: they are as Red Hat publishes them. */
  readonly fixedIn: { readonly text: string; readonly rewrite: FixRewriter } | undefined;
}

const Config = z.object({
  url: httpUrl.default('https://security.access.redhat.com/data/csaf/v2/vex/'),
  compressed_file_timeout: z
    .string()
    .refine((text) => (parseDuration(text) ?? 0) > 0, 'not a duration such as 2m or 90s')
    .transform(parseDuration)
    .optional(),
  ignore_kernel_packages: z.boolean().default(false),
  fixed_in_version_cel: z
    .string()
    .transform((text, context) => {
      if (text === '') return undefined; // as Clair
      try {
        return { text, rewrite: compileFixedIn(text) };
      } catch (error) {
        context.addIssue(`not an expression of CEL that can be used: ${messageOf(error)}`);
        return z.NEVER;
      }
    })
    .optional(),
});

/** Throws `bad-config`. */
export function readVexConfig(config: unknown): VexConfig {
  const read = readFeedConfig('rhel-vex', Config, config);
  return {
    url: read.url,
    archiveTimeout: read.compressed_file_timeout,
    ignoreKernel: read.ignore_kernel_packages,
    fixedIn: read.fixed_in_version_cel,
  };
}
