/**
 * The configuration file: one schema gives the types, the defaults, the checks, `docs/reference/configuration.md` and
 * `config.yaml.sample` (names as Clair's, clair-service.md#configuration-keys).
 */
import { z } from 'zod';
import { isNetwork } from '../lib/network.ts';
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
import { eventsSchema, harborSchema, registriesSchema } from './schema-registries.ts';
import { storeSchema } from './schema-store.ts';
import { metricsSchema, traceSchema } from './schema-telemetry.ts';

const connstring = secret
  .prefault('')
  .describe(
    'Connection string of the database, as a URL or `key=value` list; missing values are taken from `PG*` variables.',
  );
const migrations = z.boolean().default(false).describe('Migrate the database at startup.');

const layerLimits = z.strictObject({
  compressed_size: byteSize.optional().describe('Compressed size in bytes (default 32GiB).'),
  unpacked_size: byteSize.optional().describe('Uncompressed size in bytes (default 64GiB).'),
  ratio: z
    .int()
    .min(1)
    .optional()
    .describe('Ratio of uncompressed to compressed bytes, checked above 4 GiB (default 200).'),
  entries: z
    .int()
    .min(1)
    .optional()
    .describe(
      'Number of files and directories (default 2000000). One with a long name, many parent directories or large headers counts as several.',
    ),
  file_size: byteSize
    .refine((bytes) => bytes <= 2 * 1024 ** 3, 'at most 2GiB')
    .optional()
    .describe(
      'Size of the largest file that is kept for a detector, such as a package database (default 512MiB).',
    ),
  files: z.int().min(1).optional().describe('Files that are kept for detectors (default 100000).'),
  read_size: byteSize
    .optional()
    .describe('Bytes that detectors read from those files, except large package databases (default 512MiB).'),
  findings: z
    .int()
    .min(1)
    .optional()
    .describe(
      'Number of packages and other findings (default 30000). One with much text counts as several; for a directory, four times as many.',
    ),
  inspected_file_size: byteSize
    .optional()
    .describe('Size of the largest program or archive that is inspected (default 4GiB).'),
  kept_size: byteSize
    .optional()
    .describe('Disk space of all files that are kept for detectors (default 4GiB).'),
  time: duration
    .refine((milliseconds) => milliseconds > 0, 'more than 0s')
    .optional()
    .describe('Time from the request to the last finding (default 1h).'),
});

const indexer = z.strictObject({
  connstring,
  scanlock_retry: z.int().optional().describe('Has no effect.'),
  layer_scan_concurrency: z
    .int()
    .min(0)
    .optional()
    .describe('Number of layers scanned concurrently; 0 or absent: the number of CPUs, at most 4.'),
  index_report_request_concurrency: z
    .int()
    .optional()
    .describe('Number of manifests indexed concurrently; 0 or absent: 4 per CPU; negative: no limit.'),
  index_report_timeout: period(30 * MINUTE).describe(
    'Timeout for indexing one manifest (default 30m; values below 1m mean the default).',
  ),
  index_job_concurrency: z
    .int()
    .default(0)
    .describe(
      'Number of manifests submitted with `Prefer: respond-async` that this process indexes concurrently; 0: the number of CPUs; negative: none, other replicas index them.',
    ),
  migrations,
  airgap: z.boolean().default(false).describe('Fetch layers from private addresses only.'),
  scanner: z
    .strictObject({
      package: anything.nullish().describe('Settings by name of a package detector.'),
      dist: anything.nullish().describe('Settings by name of a distribution detector.'),
      repo: anything.nullish().describe('Settings by name of a repository detector.'),
    })
    .nullish()
    .describe('Settings of individual detectors.'),
  registries: registriesSchema,
  events: eventsSchema,
  layer_limits: layerLimits
    .nullish()
    .describe(
      'Limits for one layer. A layer that exceeds a limit fails, and so does its manifest; a file that exceeds one is reported as not read. Layers that were indexed before keep their results. Not in Clair.',
    ),
});

const oneOrMore = (what: string) =>
  z.union(
    [
      z
        .string()
        .min(1)
        .transform((one) => [one]),
      z.array(z.string().min(1)).min(1),
    ],
    { message: what },
  );

const database = z.strictObject({
  repository: oneOrMore('a repository, or a list of them').describe(
    'Location: `registry.example.com/name[:tag]`, the `https://` URL of a directory, or a local directory. From a list, the first usable one; the others replace it if it fails.',
  ),
  key: oneOrMore('a file, or a list of them')
    .optional()
    .describe('Public keys (`cosign.pub`), one of which must have signed it. Absent: it need not be signed.'),
  interval: period(6 * HOUR).describe(
    'Interval of checks for a newer database (default 6h; values below 1m mean the default).',
  ),
});

const matcher = z.strictObject({
  connstring,
  indexer_addr: optionalUrl('http', 'https')
    .default('')
    .describe('URL of the indexer. Required in mode matcher.'),
  notifier_addr: optionalUrl('http', 'https')
    .default('')
    .describe(
      'URL of the notifier, in mode matcher: the console shows its deliveries and repeats them. Not in Clair.',
    ),
  period: period(6 * HOUR).describe(
    'Interval of feed updates (default 6h; values below 1m mean the default).',
  ),
  update_retention: z
    .int()
    .default(10)
    .transform((keep) => (keep < 0 ? 0 : keep < 2 ? 10 : keep))
    .describe('Number of update operations kept per feed; 0 and 1 mean 10; negative: all.'),
  cache_age: duration.nullish().describe('Time for which clients can cache a report (default: `period`).'),
  migrations,
  disable_updaters: z
    .boolean()
    .default(false)
    .describe('Do not fetch feeds: load advisories with `clairctl import-updaters`.'),
  database: database
    .nullish()
    .describe('Load a published database (`clairctl db push`) instead of fetching feeds. Not in Clair.'),
  disable_enrichment: z.boolean().default(false).describe('Omit CVSS, EPSS and KEV from reports.'),
  enrichments: z
    .array(z.enum(['clair.cvss', 'clair.epss', 'clair.kev']))
    .default(['clair.cvss'])
    .describe(
      'Enrichers whose records a vulnerability report has in `enrichments` (`clair.cvss`, `clair.epss`, `clair.kev`). Quay logs an error for each record that is not CVSS. Findings use all of them. Not in Clair.',
    ),
  ui: z
    .boolean()
    .optional()
    .describe(
      'Serve the console at `/matcher/ui/`. Default: enabled without `auth`, disabled with it. With `true`, the page itself needs no token, but its data does.',
    ),
  console: z
    .boolean()
    .optional()
    .describe(
      'Keep the data of the console up to date and serve its API. Default: the value of `ui`. Not in Clair.',
    ),
  triage: z
    .enum(['show', 'apply'])
    .default('show')
    .describe(
      'Effect of decisions made in the console: `show` (console only) or `apply` (vulnerability reports omit findings that are accepted or not affected). Not in Clair.',
    ),
  max_conn_pool: z.int().optional().describe('No effect: use `pool_max_conns` in `connstring`.'),
});

const matchers = z.strictObject({
  names: z
    .array(z.string())
    .nullish()
    .describe('Matchers to use, by their names in Clair v4; absent: all; empty: none.'),
  config: anything
    .nullish()
    .describe('Settings by name of a matcher, such as `rhel: {ignore_unpatched: true}`.'),
});

const updaters = z.strictObject({
  sets: z.array(z.string()).nullish().describe('Feed sets to load; absent: all; empty: none.'),
  config: anything
    .default({})
    .describe('By the name of a set or of a single feed; see docs/explanation/how-feeds-are-updated.md.'),
  filter: z
    .string()
    .optional()
    .describe('No effect, as in Clair: select feeds with `sets`. Clair logs a warning.'),
});

const groups = (description: string, otherwise: string[]) =>
  z.array(z.string().min(1)).default(otherwise).describe(description);
const header = (name: string, description: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9-]{1,100}$/, 'the name of a header')
    .default(name)
    .describe(`${description} (default ${name}).`);

const proxy = z.strictObject({
  trusted: z
    .array(z.string().refine(isNetwork, 'an address, or a network such as 10.0.0.0/8'))
    .min(1)
    .describe('Addresses and networks of the proxies.'),
  user_header: header('X-Forwarded-User', 'Header with the user'),
  groups_header: header('X-Forwarded-Groups', 'Header with the groups, separated by commas'),
  secret_header: header('X-Clair-Proxy-Secret', 'Header with the secret'),
  secret: secret
    .refine((text) => text.reveal().length >= 16, 'at least 16 characters')
    .describe('Secret that the proxies send. Requests without it are not signed in.'),
  roles: z
    .strictObject({
      view: groups('Groups that can read; `*`: every user.', ['*']),
      triage: groups('Groups that can make decisions.', []),
      operate: groups('Groups that can start feed updates and repeat deliveries.', []),
    })
    .prefault({})
    .describe('Roles in the console, by groups.'),
});

const auth = z.strictObject({
  proxy: proxy
    .nullish()
    .describe(
      'A reverse proxy that signs users in to the console. It does not grant access to the rest of the API. Not in Clair.',
    ),
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
    .describe('Tokens signed with a shared key.'),
  keyserver: z
    .strictObject({
      api: url('http', 'https').describe(
        "URL of the key server, e.g. Quay's `https://quay.example.com/keys/`.",
      ),
      intraservice: base64
        .optional()
        .describe(
          'Key of the tokens between Clair components, in base64. Required in every mode except combo.',
        ),
    })
    .nullish()
    .describe('Tokens signed with a key of a key server; takes precedence over `psk`.'),
});

export const configSchema = z.strictObject({
  http_listen_addr: z
    .union([z.literal(''), hostPort]) // '' is what Quay's tools write for the default
    .default(':6060')
    .describe('Listen address of the API.'),
  introspection_addr: z
    .union([z.literal(''), hostPort])
    .default(':8089')
    .describe('Listen address of health, readiness, metrics and profiles.'),
  introspection_auth: z
    .boolean()
    .default(false)
    .describe('Require `auth` there too, except for `/healthz` and `/readyz`. Not in Clair.'),
  introspection_required: z
    .boolean()
    .default(true)
    .describe(
      'Do not start if `introspection_addr` cannot be opened; false: log a warning and start without it. Not in Clair.',
    ),
  drain_timeout: duration
    .refine((milliseconds) => milliseconds <= HOUR, 'at most 1h')
    .prefault('10s')
    .describe(
      'Time for running requests to finish after a stop signal (at most 1h). The supervisor must wait longer before it kills the process. Not in Clair.',
    ),
  log_level: z
    .enum(['debug-color', 'debug', 'info', 'warn', 'error', 'fatal', 'panic'])
    .default('info')
    .describe('Lowest level that is logged.'),
  tls: z
    .strictObject({ ...keyPair, root_ca: filePath.optional().describe('Deprecated: has no effect.') })
    .superRefine(bothOrNeither)
    .nullish()
    .describe('TLS of the API.'),
  indexer: indexer.prefault({}).describe('Indexer: extracts packages from images.'),
  matcher: matcher.prefault({}).describe('Matcher: matches index reports with advisories.'),
  matchers: matchers.nullish().describe('Matchers that Clair uses.'),
  store: storeSchema,
  updaters: updaters.prefault({}).describe('Advisory feeds that Clair loads, and their sources.'),
  notifier: notifierSchema
    .nullish()
    .describe('Notifier: notifies about changed vulnerabilities of indexed images.'),
  harbor: harborSchema,
  auth: auth
    .nullish()
    .describe('Authentication of API requests. Absent: none, every client has full access.'),
  trace: traceSchema.nullish().describe('Export of traces.'),
  metrics: metricsSchema.nullish().describe('Export of metrics.'),
});

export type Config = z.output<typeof configSchema>;
