/** The bundle of example advisories (`examples/feeds`): feeds that need no network, to try the scanner with. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import type { Feed, FeedContext } from '../../contract/feed.ts';
import type { VersionScheme } from '../../contract/version-scheme.ts';
import { AppError, messageOf } from '../../errors.ts';
import type { Advisory, Scope } from '../../model/advisory.ts';
import { SEVERITIES } from '../../model/severity.ts';

const MAX_BYTES = 16 * 1024 * 1024;

const text = z.string();
const DistributionSchema = z.object({
  did: text,
  name: text,
  version: text,
  versionCodeName: text,
  versionId: text,
  arch: text,
  cpe: text,
  prettyName: text,
});
const RepositorySchema = z.object({
  name: text.optional(),
  key: text.optional(),
  uri: text.optional(),
  cpe: text.optional(),
});
const ScopeSchema = z.object({
  key: text.min(1),
  distribution: DistributionSchema.optional(),
  repository: RepositorySchema.optional(),
});
const AdvisorySchema = z
  .object({
    scope: text.min(1),
    name: text.min(1),
    kind: z.enum(['source', 'binary', 'layer', 'ancestry']),
    module: text.optional(),
    arches: z.array(text).optional(),
    from: text.optional(),
    below: text.optional(),
    upTo: text.optional(),
    shownName: text.optional(),
    fixedInVersion: text,
    vulnerability: z.object({
      name: text.min(1),
      description: text,
      issued: text.optional(),
      links: text,
      severity: text,
      normalizedSeverity: z.enum(SEVERITIES),
      aliases: z.array(text).optional(),
    }),
  })
  .refine(({ below, upTo }) => below === undefined || upTo === undefined, 'at most one of below and upTo');
const BundleSchema = z.object({
  label: text,
  feeds: z.array(
    z.object({ name: text.min(1), scope: ScopeSchema, versions: text, advisories: z.array(z.unknown()) }),
  ),
});

type Bundle = z.infer<typeof BundleSchema>;

/** The feeds of the bundle at `path`, their versions ordered by one of `schemes`. Throws `feed`. */
export function exampleFeeds(path: string, schemes: readonly VersionScheme[]): readonly Feed[] {
  const content = readBundle(path);
  const fingerprint = createHash('sha256').update(content).digest('hex');
  return parseBundle(path, content).feeds.map(({ name, scope, versions: id, advisories }) => {
    const versions = schemes.find((scheme) => scheme.id === id);
    if (versions === undefined)
      throw new AppError('feed', `${path}: ${name}: no version scheme is called ${JSON.stringify(id)}`);
    return {
      name,
      scopes: [scope as Scope],
      versions,
      fetch: async (known, _config, context) =>
        known === fingerprint
          ? 'unchanged'
          : { fingerprint, records: readAdvisories(advisories, scope.key, context) },
    };
  });
}

async function* readAdvisories(
  records: readonly unknown[],
  scope: string,
  context: Pick<FeedContext, 'problem'>,
): AsyncGenerator<Advisory> {
  for (const [index, record] of records.entries()) {
    const read = AdvisorySchema.safeParse(record);
    if (read.success && read.data.scope === scope) yield read.data as Advisory;
    else
      context.problem({
        where: `advisories[${index}]`,
        reason: read.success ? `not of scope ${scope}` : firstIssue(read.error),
      });
  }
}

function readBundle(path: string): Buffer {
  try {
    if (statSync(path).size > MAX_BYTES) throw new Error(`over ${MAX_BYTES} bytes`);
    return readFileSync(path);
  } catch (cause) {
    throw new AppError('feed', `the example advisories cannot be read: ${path}: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function parseBundle(path: string, content: Buffer): Bundle {
  try {
    const read = BundleSchema.safeParse(JSON.parse(content.toString('utf8')));
    if (read.success) return read.data;
    throw new Error(firstIssue(read.error));
  } catch (cause) {
    throw new AppError('feed', `no bundle of example advisories: ${path}: ${messageOf(cause)}`, { cause });
  }
}

function firstIssue({ issues: [first] }: z.ZodError): string {
  return [first?.path.join('.'), first?.message].filter(Boolean).join(': ');
}
