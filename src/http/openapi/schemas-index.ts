/** What the indexer takes and gives. */
import { PROBLEM_KINDS } from '../../model/coverage.ts';
import { listOf, mapOf, object, orNull, ref, type Schema, text, whole, yes } from './schema.ts';

const pkg = {
  id: text('The key of the package in the report.'),
  name: text('Its name.'),
  version: text('Its version, as the image says it.'),
  kind: text('`binary`, `source`, …'),
  normalized_version: text("`kind:` and ten numbers, for Clair's own matchers; may be empty."),
  module: text('A module stream, or the like.'),
  arch: text('The architecture.'),
  cpe: text('May be empty.'),
  detector: orNull(text('`urn:claircore:detector:NAME:REVISION:KIND`')),
};
const PACKAGE_OPTIONAL = ['kind', 'source', 'module', 'arch'];

export const INDEX_SCHEMAS: Readonly<Record<string, Schema>> = {
  Digest: text('A content digest.', {
    pattern: '^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$',
    examples: ['sha256:35c102085707f703de2d9eaad8752d6fe1b8f02b5d2149f1d8357c9cc7fb7d0a'],
  }),
  Error: object({
    code: text('One word for what is wrong: docs/errors.md.'),
    message: text('What is wrong, for people.'),
  }),
  Manifest: object({
    hash: ref('Digest'),
    layers: {
      ...listOf(ref('Layer'), 'From the base upwards.'),
      minItems: 1,
      maxItems: 1024,
    },
  }),
  Layer: object(
    {
      hash: ref('Digest'),
      uri: text('Where the indexer gets it: http or https.', { format: 'uri' }),
      headers: orNull(mapOf(orNull(listOf({ type: 'string' })), 'Sent with the request for the layer.')),
    },
    ['headers'],
  ),
  IndexState: object({ state: text('Changes when manifests should be submitted again.') }),
  IndexReport: object(
    {
      manifest_hash: ref('Digest'),
      state: text('How far it is.', {
        enum: [
          'CheckManifest',
          'FetchLayers',
          'ScanLayers',
          'Coalesce',
          'IndexManifest',
          'IndexError',
          'IndexFinished',
        ],
      }),
      packages: mapOf(ref('Package')),
      distributions: mapOf(ref('Distribution')),
      repository: mapOf(ref('Repository')),
      environments: mapOf(listOf(ref('Environment')), 'By package.'),
      success: yes('Whether it was indexed to the end.'),
      err: text('Why not; empty if it was.'),
      problems: listOf(ref('Problem'), 'Files and records that could not be read. Not in Clair.'),
      origin: text('`sbom`: read from an SBOM, not from an image. Not in Clair.', { enum: ['sbom'] }),
      job: ref('IndexJob'),
    },
    ['problems', 'origin', 'job'],
  ),
  IndexJob: object(
    {
      state: text('Whether somebody works on it.', { enum: ['queued', 'running'] }),
      submitted: text('Since when.', { format: 'date-time' }),
      attempts: whole('How often it was begun.'),
      error: text('Why the last attempt failed.'),
      layers_total: whole('Different layers of the manifest.'),
      layers_done: whole('Those of which all is known.'),
      bytes: whole('Received so far.'),
    },
    ['error'],
  ),
  Package: object({ ...pkg, source: ref('SourcePackage') }, PACKAGE_OPTIONAL),
  SourcePackage: object(pkg, PACKAGE_OPTIONAL),
  Distribution: object({
    id: text('Its key in the report.'),
    did: text('ID of os-release.'),
    name: text('NAME of os-release.'),
    version: text('VERSION of os-release.'),
    version_code_name: text('VERSION_CODENAME of os-release.'),
    version_id: text('VERSION_ID of os-release.'),
    arch: text('May be empty.'),
    cpe: text('May be empty.'),
    pretty_name: text('PRETTY_NAME of os-release.'),
  }),
  Repository: object(
    {
      id: text('Its key in the report.'),
      name: text('Its name.'),
      key: text('What its name is a name of.'),
      uri: text('Where it is.'),
      cpe: text('May be empty.'),
    },
    ['id', 'name', 'key', 'uri'],
  ),
  Environment: object({
    package_db: text('The database or folder that says that the package is there.'),
    introduced_in: ref('Digest'),
    distribution_id: text('A key of `distributions`; may be empty.'),
    repository_ids: orNull(listOf({ type: 'string' }, 'Keys of `repository`.')),
  }),
  Problem: object(
    {
      source: text('What met it.'),
      where: text('The file or record.'),
      reason: text('Why it could not be read.'),
      kind: text('What it is; absent: `unread`.', { enum: [...PROBLEM_KINDS] }),
      program: object({ name: text('At endoflife.date.'), version: text('May be empty.') }),
    },
    ['kind', 'program'],
  ),
  AffectedManifests: object({
    vulnerabilities: mapOf(ref('Vulnerability')),
    vulnerable_manifests: mapOf(
      listOf({ type: 'string' }, 'Keys of `vulnerabilities`, the most severe first.'),
      'By digest of the manifest.',
    ),
  }),
};
