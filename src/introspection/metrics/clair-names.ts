/** Clair's metrics that mean the same here: which of our statements stand for which of Clair's queries. */

/** Of a statement: how often, and how long. */
export interface ClairQuery {
  readonly counter: string;
  readonly histogram: string;
  /** A label besides `query`: whether it went well, or whether it did not. */
  readonly label?: 'success' | 'error' | 'deletion';
  /** Clair's name of the query, which its dashboard asks for; default: that of our statement. */
  readonly query?: string;
}

const query = (base: string, label?: ClairQuery['label']): ClairQuery => ({
  counter: `${base}_total`,
  histogram: `${base}_duration_seconds`,
  ...(label && { label }),
});

/** By service, then by the name of our statement. */
export const CLAIR_QUERIES: Readonly<Record<string, Readonly<Record<string, ClairQuery>>>> = {
  indexer: {
    'load-report': query('claircore_indexer_indexreport'),
    'load-newer-report': query('claircore_indexer_indexreport'),
    'save-progress': query('claircore_indexer_setindexreport'),
    // clair-quirk: the names of the counter and of the histogram differ
    'save-report': {
      counter: 'claircore_indexer_setindexedfinished_total',
      histogram: 'claircore_indexer_setindexfinished_duration_seconds',
    },
    'save-manifest': query('claircore_indexer_persistmanifest'),
    'save-manifest-layers': query('claircore_indexer_persistmanifest'),
    'load-layer-scans': query('claircore_indexer_layerscanned'),
    'save-layer-scans': query('claircore_indexer_setlayerscanned'),
    'add-findings': query('claircore_indexer_indexmanifest'),
    'delete-manifest': query('claircore_indexer_deletemanifests', 'deletion'),
    'match-findings': query('claircore_datastore_getaffectedmanifests'),
  },
  matcher: {
    'match-all': query('claircore_vulnstore_getvulnerabilities'),
    'load-enrichments': query('claircore_vulnstore_getenrichments', 'success'),
    'changed-ids': query('claircore_vulnstore_getupdatediff'),
    'load-changes': query('claircore_vulnstore_getupdatediff'),
    'load-operations': query('claircore_vulnstore_getupdateoperations'),
    'feeds-token': query('claircore_vulnstore_getlatestupdateref'),
    'delete-closed-advisories': { ...query('claircore_vulnstore_gc', 'success'), query: 'deleteVulns' },
    'delete-old-runs': { ...query('claircore_vulnstore_gc', 'success'), query: 'updateOps' },
    'delete-texts': query('claircore_vulnstore_gc', 'success'),
  },
  notifier: {
    'load-delivery-head': query('clair_notifier_created', 'error'),
    'load-page': query('clair_notifier_notifications', 'error'),
    'insert-notification': query('clair_notifier_putreceipt', 'error'),
    'insert-items': {
      counter: 'clair_notifier_putnotifications_query_total',
      histogram: 'clair_notifier_putnotifications_duration_seconds',
      label: 'error',
    },
    'save-delivered': query('clair_notifier_setdelivered', 'error'),
    'save-dead': query('clair_notifier_setdeliveryfailed', 'error'),
    'delete-notification': query('clair_notifier_setdeleted', 'error'),
  },
};

/** What Clair calls the applications of its pools. */
export const CLAIR_APPLICATIONS: Readonly<Record<string, string>> = {
  indexer: 'libindex',
  matcher: 'libvuln',
  notifier: 'notifier',
};

/** Seconds, as Clair's HTTP durations are counted. */
export const HTTP_BUCKETS = [0.5, 0.7, 1.1, 1.7, 2.7, 4.2, 6.5, 10, 15, 23, 36, 54, 83, 128, 196, 300];

// differs: sizes are counted in buckets of bytes; Clair's are those of seconds (clair-service.md#introspection)
export const BYTE_BUCKETS = [
  256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
];

/** Seconds, for what usually takes milliseconds. */
export const FINE_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Seconds, as the layers that Clair fetches are counted. */
export const FETCH_BUCKETS = [0.05, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 25, 50, 75, 100];

/** The name of the part of the API in `clair_http_NAME_…`; undefined: Clair counts nothing there. */
export function httpGroup(route: string): string | undefined {
  if (route.startsWith('/indexer/')) return 'indexerv1';
  if (route.startsWith('/matcher/')) return 'matcherv1';
  if (route.startsWith('/notifier/')) return 'notificationv1';
  return route.startsWith('/openapi/') ? 'discovery' : undefined;
}

const HANDLERS: Readonly<Record<string, string>> = {
  '/indexer/api/v1/index_report/': '/indexer/api/v1/index_report/:digest',
  '/notifier/api/v1/notification/': '/notifier/api/v1/notification/:id',
};

/** The label `handler` of a route: some of Clair's name what comes last, some end with a slash. */
export function clairHandler(route: string): string {
  const above = route.replace(/\/(\*|:\w+)$/, '/');
  return HANDLERS[above] ?? above;
}
