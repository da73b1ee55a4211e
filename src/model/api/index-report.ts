/** What the indexer takes and gives. */
import { z } from 'zod';
import { PROBLEM_KINDS } from '../coverage.ts';
import { INDEX_STATES, type IndexState } from '../index-report.ts';
import {
  ACCOUNT_NAMES,
  ACCOUNTS,
  type Account,
  MARK_NAMES,
  MAX_UNACCOUNTED,
  RUNNABLE_KINDS,
} from '../ledger.ts';
import type { PackageKind } from '../package.ts';
import { anyObject, listOf, mapOf, oneOf, text, whole, yes } from './schema.ts';

/** As text: `parseDigest` checks it, with Clair's message. */
export const Digest = text('A content digest.', {
  pattern: '^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$',
  examples: ['sha256:35c102085707f703de2d9eaad8752d6fe1b8f02b5d2149f1d8357c9cc7fb7d0a'],
});

export const ApiError = z.object({
  code: text('One word for what is wrong: docs/reference/errors.md.'),
  message: text('What is wrong, for people.'),
});

export const Layer = z.object({
  hash: Digest,
  uri: text('Where the indexer gets it: http or https.', { format: 'uri' }),
  headers: mapOf(listOf(text()).nullable(), 'Sent with the request for the layer.').nullable().optional(),
});

export const MAX_LAYERS = 1024;

/** `readManifest` reads more than this, for the sake of Clair's messages. */
export const ManifestBody = z.object({
  hash: Digest,
  layers: listOf(Layer, 'From the base upwards.').meta({ minItems: 1, maxItems: MAX_LAYERS }),
});

export const Digests = listOf(Digest);
export const DeletedDigests = listOf(Digest).nullable();

export const VulnerabilitiesBody = z.object({
  vulnerabilities: listOf(anyObject, 'See `Vulnerability`.').nullable().optional(),
});

/** What affected_pages is asked. */
export const AffectedQuestion = z.object({
  vulnerabilities: listOf(anyObject, 'See `Vulnerability`.'),
  after: z
    .string()
    .regex(/^[0-9]{0,15}$/)
    .describe('`next` of the last line that the client has; absent: from the beginning.')
    .optional(),
});

export const IndexerState = z.object({ state: text('Changes when manifests should be submitted again.') });

const pkg = {
  id: text('The key of the package in the report.'),
  name: text('Its name.'),
  version: text('Its version, as the image says it.'),
  kind: text<PackageKind>('`binary`, `source`, …').exactOptional(),
  normalized_version: text("`kind:` and ten numbers, for Clair's own matchers; may be empty."),
  module: text('A module stream, or the like.').exactOptional(),
  arch: text('The architecture.').exactOptional(),
  cpe: text('May be empty.'),
  detector: text('`urn:claircore:detector:NAME:REVISION:KIND`').nullable(),
};

const Clues = z.object({
  names: listOf(text(), 'What the artifact may be called.'),
  groups: listOf(text(), 'Groups that it may be of.'),
  folders: listOf(text(), 'Java packages that its classes belong to.'),
  root: text('What nearly all of these begin with; may be empty.'),
});

export const SourcePackage = z.object(pkg);
export const Package = z.object({
  ...pkg,
  source: SourcePackage.exactOptional(),
  clues: Clues.optional().meta({ description: 'Ours: what its name may be, where that is not certain.' }),
});

export const Distribution = z.object({
  id: text('Its key in the report.'),
  did: text('ID of os-release.'),
  name: text('NAME of os-release.'),
  version: text('VERSION of os-release.'),
  version_code_name: text('VERSION_CODENAME of os-release.'),
  version_id: text('VERSION_ID of os-release.'),
  arch: text('May be empty.'),
  cpe: text('May be empty.'),
  pretty_name: text('PRETTY_NAME of os-release.'),
  service_pack: text('Ours: the service pack of SLES; `0` before the first.').optional(),
});

export const Repository = z.object({
  id: text('Its key in the report.').exactOptional(),
  name: text('Its name.').exactOptional(),
  key: text('What its name is a name of.').exactOptional(),
  uri: text('Where it is.').exactOptional(),
  cpe: text('May be empty.'),
});

export const Environment = z.object({
  package_db: text('Database or directory that lists the package.'),
  introduced_in: Digest,
  distribution_id: text('A key of `distributions`; may be empty.'),
  repository_ids: listOf(text(), 'Keys of `repository`.').nullable(),
});

export const ProblemWire = z.object({
  source: text('What met it.'),
  where: text('The file or record.'),
  reason: text('Why it could not be read.'),
  kind: oneOf('What it is; absent: `unread`.', PROBLEM_KINDS).exactOptional(),
});

export const IndexJob = z.object({
  state: oneOf('Whether a worker indexes it.', ['queued', 'running']),
  submitted: text('Since when.', { format: 'date-time' }),
  attempts: whole('How often it was begun.'),
  error: text('Why the last attempt failed.').exactOptional(),
  layers_total: whole('Different layers of the manifest.'),
  layers_done: whole('Those of which all is known.'),
  bytes: whole('Received so far.'),
});

const AccountTotal = z.object({ files: whole('How many files.'), bytes: whole('Their sizes together.') });

export const LedgerWire = z.object({
  accounts: z.object(
    Object.fromEntries(
      ACCOUNT_NAMES.map((name) => [name, AccountTotal.describe(`Files of which holds: ${ACCOUNTS[name]}.`)]),
    ) as Record<Account, typeof AccountTotal>,
  ),
  unaccounted: listOf(
    z.object({
      path: text('Path in the image.'),
      size: whole('Bytes.'),
      kind: oneOf('What it is.', RUNNABLE_KINDS),
      marks: listOf(oneOf('What else is known of it.', MARK_NAMES)).exactOptional(),
      layer: Digest,
    }),
    `The largest first, at most ${MAX_UNACCOUNTED}; \`accounts\` counts all.`,
  ),
});

export const LinkedWire = z.object({
  package_db: text('`package_db` of the packages that are in the program.'),
  introduced_in: Digest,
  platforms: listOf(text(), 'Systems that it runs on, as `linux/amd64`; empty: not known.'),
  packages: mapOf(
    listOf(text(), 'Paths in the module, `http2/hpack`; empty for that of the module itself.'),
    'Packages that it has functions of, by the name of their module.',
  ),
  functions: text(
    'Names of its functions: base64 of a compact set (docs/reference/linked-code.md).',
  ).exactOptional(),
  incomplete: yes('Whether code that is not listed may be there all the same.').exactOptional(),
  relocatable: yes(
    'Whether `functions` are classes without their packages, and packages that are not listed may be there elsewhere (Java).',
  ).exactOptional(),
  unnamed_main: text('Module of the main package, where nothing tells its path.').exactOptional(),
});

export const IndexReportBody = z.object({
  manifest_hash: Digest,
  state: text<IndexState | ''>('Progress of indexing.', { enum: [...INDEX_STATES] }),
  packages: mapOf(Package),
  distributions: mapOf(Distribution),
  repository: mapOf(Repository),
  environments: mapOf(listOf(Environment), 'By package.'),
  success: yes('Whether indexing has finished successfully.'),
  err: text('Why not; empty if it was.'),
  problems: listOf(ProblemWire, 'Files and records that could not be read. Not in Clair.').exactOptional(),
  origin: oneOf('`sbom`: read from an SBOM, not from an image. Not in Clair.', ['sbom']).exactOptional(),
  ledger: LedgerWire.describe('Who accounts for the files that can run. Not in Clair.').exactOptional(),
  linked: listOf(LinkedWire, 'Code that programs were linked with. Not in Clair.').exactOptional(),
  job: IndexJob.exactOptional(),
});
