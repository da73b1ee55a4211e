/**
 * The configuration file: one schema gives the types, the defaults, the checks, `docs/reference/configuration.md` and
 * `config.yaml.sample` (names as Clair's, clair-service.md#configuration-keys).
 */
import { z } from 'zod';
import {
  anything,
  base64,
  bothOrNeither,
  byteSize,
  duration,
  filePath,
  HOUR,
  hostPort,
  keyPair,
  MINUTE,
  optionalUrl,
  period,
  secret,
  url,
} from '../lib/setting-values.ts';
import { notifierSchema } from './schema-notifier.ts';
import { metricsSchema, traceSchema } from './schema-telemetry.ts';

const connstring = secret
  .prefault('')
  .describe('The database, as a URL or `key=value` list; what is missing is taken from `PG*` variables.');
const migrations = z.boolean().default(false).describe('Bring the database up to date at start.');

const layerLimits = z.strictObject({
  compressed_size: byteSize.optional().describe('Bytes to fetch (default 32GiB).'),
  unpacked_size: byteSize.optional().describe('Bytes of the archive (default 64GiB).'),
  ratio: z
    .int()
    .min(1)
    .optional()
    .describe('Bytes of the archive for each byte fetched, asked from 4 GiB on (default 200).'),
  entries: z
    .int()
    .min(1)
    .optional()
    .describe(
      'Files and folders (default 2000000). One with a long name, many folders above it or big headers counts as several.',
    ),
  file_size: byteSize
    .refine((bytes) => bytes <= 2 * 1024 ** 3, 'at most 2GiB')
    .optional()
    .describe('The biggest file that is kept for a detector, as databases of packages are (default 512MiB).'),
  files: z.int().min(1).optional().describe('Files that are kept for detectors (default 100000).'),
  read_size: byteSize
    .optional()
    .describe('Bytes that detectors read of those files, big databases of packages apart (default 512MiB).'),
  findings: z
    .int()
    .min(1)
    .optional()
    .describe(
      'Packages, and whatever else is found (default 30000). One with much text counts as several; of a folder four times as many.',
    ),
  inspected_file_size: byteSize
    .optional()
    .describe('The biggest file that is looked into, as programs and archives are (default 4GiB).'),
  kept_size: byteSize.optional().describe('All files that are kept for detectors, on disk (default 4GiB).'),
  time: duration
    .refine((milliseconds) => milliseconds > 0, 'more than 0s')
    .optional()
    .describe('From the request to the last finding (default 1h).'),
});

const indexer = z.strictObject({
  connstring,
  scanlock_retry: z.int().optional().describe('Has no effect.'),
  layer_scan_concurrency: z
    .int()
    .min(0)
    .optional()
    .describe('How many layers are scanned at once; 0 or absent: as many as there are processors.'),
  index_report_request_concurrency: z
    .int()
    .optional()
    .describe(
      'How many manifests are indexed at once; 0 or absent: 4 for each processor; negative: no limit.',
    ),
  index_report_timeout: period(30 * MINUTE).describe(
    'How long indexing of one manifest may take (default 30m; less than 1m counts as absent).',
  ),
  index_job_concurrency: z
    .int()
    .default(0)
    .describe(
      'How many manifests that were submitted with `Prefer: respond-async` this process indexes at once; 0: as many as there are processors; negative: none, other replicas do.',
    ),
  migrations,
  airgap: z.boolean().default(false).describe('Layers are fetched from private addresses only.'),
  scanner: z
    .strictObject({
      package: anything.nullish().describe('By the name of a detector of packages.'),
      dist: anything.nullish().describe('By the name of a detector of distributions.'),
      repo: anything.nullish().describe('By the name of a detector of repositories.'),
    })
    .nullish()
    .describe('Configuration of single detectors.'),
  layer_limits: layerLimits
    .nullish()
    .describe(
      'What one layer may cost. A layer that is over a limit fails, and its manifest with it; a file that is, is told as a problem. Layers that were read before keep what was found. Not in Clair.',
    ),
});

const matcher = z.strictObject({
  connstring,
  indexer_addr: optionalUrl('http', 'https')
    .default('')
    .describe('URL of the indexer. Needed in mode matcher.'),
  period: period(6 * HOUR).describe(
    'How often feeds are asked for news (default 6h; less than 1m counts as absent).',
  ),
  update_retention: z
    .int()
    .default(10)
    .transform((keep) => (keep < 0 ? 0 : keep < 2 ? 10 : keep))
    .describe('How many update operations of each feed are kept; 0 and 1 count as 10; negative: all.'),
  cache_age: duration.nullish().describe('For how long clients may keep a report (default: `period`).'),
  migrations,
  disable_updaters: z
    .boolean()
    .default(false)
    .describe('Ask no feed: advisories come by `clairctl import-updaters`.'),
  disable_enrichment: z.boolean().default(false).describe('Reports without CVSS, EPSS and KEV.'),
  ui: z
    .boolean()
    .optional()
    .describe(
      'Serve the web page that shows reports at `/matcher/ui/`. Absent: only where nobody is asked for a token; with `true` the page itself needs none, what it shows does.',
    ),
  max_conn_pool: z.int().optional().describe('Has no effect: use `pool_max_conns` in `connstring`.'),
});

const matchers = z.strictObject({
  names: z
    .array(z.string())
    .nullish()
    .describe('Matchers to use, by their names in Clair; absent: all; empty: none.'),
  config: anything.nullish().describe('By the name of a matcher, e.g. `rhel: {ignore_unpatched: true}`.'),
});

const updaters = z.strictObject({
  sets: z.array(z.string()).nullish().describe('Sets of feeds to load; absent: all; empty: none.'),
  config: anything
    .default({})
    .describe('By the name of a set or of a single feed; see docs/explanation/how-feeds-are-updated.md.'),
  filter: z.string().optional().describe('Has no effect, as in Clair, and is warned of: choose by `sets`.'),
});

const auth = z.strictObject({
  psk: z
    .strictObject({
      key: base64.describe('The shared key, in base64.'),
      iss: z
        .union([z.string().transform((one) => [one]), z.array(z.string())], {
          message: 'a list of issuers, e.g. [quay, clairctl]',
        })
        .refine((list) => list.length > 0, 'at least one issuer: e.g. [quay, clairctl]')
        .describe('Issuers whose tokens are accepted.'),
    })
    .nullish()
    .describe('Tokens that are signed with a shared key.'),
  keyserver: z
    .strictObject({
      api: url('http', 'https').describe(
        "URL of the key server, e.g. Quay's `https://quay.example.com/keys/`.",
      ),
      intraservice: base64
        .optional()
        .describe('Key of the tokens between our services, in base64. Needed in every mode but combo.'),
    })
    .nullish()
    .describe('Tokens whose keys a key server knows; goes before `psk`.'),
});

export const configSchema = z.strictObject({
  http_listen_addr: hostPort.default(':6060').describe('Where the API listens.'),
  introspection_addr: z
    .union([z.literal(''), hostPort])
    .default(':8089')
    .describe('Where health, readiness, metrics and profiles are served.'),
  introspection_auth: z
    .boolean()
    .default(false)
    .describe('Ask for `auth` there, too, for all but `/healthz` and `/readyz`. Not in Clair.'),
  introspection_required: z
    .boolean()
    .default(true)
    .describe(
      'Do not start if `introspection_addr` cannot be had; false: warn, and go on without. Not in Clair.',
    ),
  log_level: z
    .enum(['debug-color', 'debug', 'info', 'warn', 'error', 'fatal', 'panic'])
    .default('info')
    .describe('Least severity that is logged.'),
  tls: z
    .strictObject({ ...keyPair, root_ca: filePath.optional().describe('Deprecated: has no effect.') })
    .superRefine(bothOrNeither)
    .nullish()
    .describe('TLS of the API.'),
  indexer: indexer.prefault({}).describe('Images to index reports.'),
  matcher: matcher.prefault({}).describe('Index reports to vulnerability reports.'),
  matchers: matchers.nullish().describe('Which vulnerabilities are looked for.'),
  updaters: updaters.prefault({}).describe('Which feeds are loaded, and from where.'),
  notifier: notifierSchema.nullish().describe('News of vulnerabilities to those who have affected images.'),
  auth: auth.nullish().describe('Who may call the API. Absent: everybody.'),
  trace: traceSchema.nullish().describe('Where traces go.'),
  metrics: metricsSchema.nullish().describe('Where metrics go.'),
});

export type Config = z.output<typeof configSchema>;
