/** The running service: the parts of its mode, the API and the introspection listener, started and stopped in order. */
import { once } from 'node:events';
import { hasDelivery } from '../config/check-mode.ts';
import type { Mode } from '../config/clair-flags.ts';
import type { Config } from '../config/schema.ts';
import { ecosystems } from '../ecosystems/index.ts';
import { messageOf } from '../errors.ts';
import { localReports } from '../harbor/local-reports.ts';
import { isHarborRequest } from '../harbor/operations.ts';
import { harborRoutes } from '../harbor/routes/harbor.ts';
import { createAuthenticate, createSign, requireAuthentication } from '../http/auth/authenticate.ts';
import { INTRASERVICE } from '../http/auth/tokens.ts';
import { openapiRoutes } from '../http/openapi/openapi-route.ts';
import { createServer } from '../http/server.ts';
import { createHttpMetrics } from '../introspection/metrics/http-metrics.ts';
import { observeRequests } from '../introspection/observe-requests.ts';
import type { Log } from '../lib/log.ts';
import { localManifests, localRuns } from '../notifier/local-sources.ts';
import { remoteDeliveries } from '../remote/remote-deliveries.ts';
import { remoteIndexer } from '../remote/remote-indexer.ts';
import { remoteManifests } from '../remote/remote-manifests.ts';
import { remoteMatcher } from '../remote/remote-matcher.ts';
import { remoteReports } from '../remote/remote-reports.ts';
import { createServiceClient, type ServiceClient } from '../remote/service-client.ts';
import { isConsole, readProxyOf } from './console.ts';
import { type IndexerPart, indexerPart } from './indexer-part.ts';
import { drain, listenApp, readCertificate, renewCertificate } from './listen.ts';
import { type MatcherPart, matcherPart } from './matcher-part.ts';
import { type NotifierPart, notifierPart } from './notifier-part.ts';
import { OPERATIONS } from './operations.ts';
import type { Part, PartContext } from './part.ts';
import { startTelemetry } from './telemetry.ts';
import { isWebPage, webPageRoutes } from './web-page.ts';

export interface ServiceOptions {
  readonly config: Config;
  readonly mode: Mode;
  readonly log: Log;
  /** Aborted to stop the service. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** A profile of the heap is being taken. */
  readonly heapIsTaken?: boolean;
}

/** Runs the services of `mode` in this process until `signal` is aborted. Throws what keeps them from starting. */
export async function startService({
  config,
  mode,
  log,
  signal,
  now,
  heapIsTaken = false,
}: ServiceOptions): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const parts: Part[] = [];
  let isListening = false;
  const auth = config.auth ?? {};
  const authenticate = createAuthenticate(auth, { now, log });
  const { metrics, tracer } = resources.use(
    await startTelemetry({
      config,
      mode,
      log,
      authenticate,
      heapIsTaken,
      databases: () => (isListening && !signal.aborted ? parts.map(({ db }) => db) : undefined),
    }),
  );
  const sign = createSign(auth, now);
  const context: PartContext = { config, log, metrics, tracer, now, signal, sign };
  /** Another service of this Clair. */
  const remote = (name: string, address: string): ServiceClient =>
    resources.use(createServiceClient({ name, address, sign: sign && (() => sign(INTRASERVICE)) }));
  const runs = (service: Mode): boolean => mode === 'combo' || mode === service;

  let indexer: IndexerPart | undefined;
  if (runs('indexer')) {
    indexer = resources.use(await indexerPart(context));
    parts.push(indexer);
  }
  let notifier: NotifierPart | undefined;
  let matcher: MatcherPart | undefined;
  if (runs('matcher')) {
    const client = indexer?.indexer ?? remoteIndexer(remote('indexer', config.matcher.indexer_addr));
    const { notifier_addr: address } = config.matcher;
    const elsewhere =
      mode === 'matcher' && address !== '' ? remoteDeliveries(remote('notifier', address)) : undefined;
    matcher = resources.use(await matcherPart(context, client, () => notifier?.notifier ?? elsewhere));
    parts.push(matcher);
  }
  // differs: without anywhere to deliver to there is no notifier, and it needs no database (clair-service.md#notifier-database)
  if (runs('notifier') && config.notifier != null && hasDelivery(config)) {
    const { indexer_addr, matcher_addr } = config.notifier;
    const sources = {
      runs: matcher ? localRuns(matcher.matcher) : remoteMatcher(remote('matcher', matcher_addr)),
      manifests: indexer ? localManifests(indexer.indexer) : remoteManifests(remote('indexer', indexer_addr)),
    };
    notifier = resources.use(await notifierPart(context, config.notifier, sources));
    parts.push(notifier);
  }

  const certificate = readCertificate(config.tls ?? {});
  const app = createServer({
    log,
    observe: (app) => observeRequests(app, { log, metrics: createHttpMetrics(metrics), tracer }),
    ...(certificate && { certificate }),
  });
  const hasPage = runs('matcher') && (config.matcher.ui ?? authenticate === undefined);
  const servesHarbor = config.harbor.enabled && indexer !== undefined;
  if (authenticate !== undefined) {
    const isOpen = (url: string): boolean =>
      (hasPage && isWebPage(url)) ||
      (servesHarbor && isHarborRequest(url)) ||
      parts.some((part) => part.isOpen?.(url));
    const readProxy = readProxyOf(config.auth);
    requireAuthentication(app, authenticate, log, (url, { headers, ip: address }) => {
      return isOpen(url) || (isConsole(url) && readProxy?.({ headers, address }) !== undefined);
    });
  }
  if (hasPage) webPageRoutes(app);
  const cutOff = new AbortController();
  openapiRoutes(app, OPERATIONS);
  for (const part of parts) part.mount(app, cutOff.signal);
  if (servesHarbor) {
    const { harbor } = config;
    harborRoutes(app, {
      ...indexer!,
      login: harbor,
      reports: matcher
        ? localReports(matcher.matcher)
        : remoteReports(remote('matcher', harbor.matcher_addr)),
      ecosystems,
      showNotChecked: harbor.report_not_checked,
      now,
      log,
    });
  }
  const address = config.http_listen_addr || ':6060';
  await listenApp(app, address);
  resources.defer(() => drain(app, cutOff, config.drain_timeout));
  using _hangUp = onHangUp(() => {
    const renewed = readCertificate(config.tls ?? {});
    if (renewed !== undefined) renewCertificate(app, renewed);
    log.info('SIGHUP: certificates are read again; the rest of the configuration is read at start only');
  }, log);

  isListening = true;
  log.info('ready', { mode, http_listen_addr: address });
  const running = parts.map((part) => part.run());
  if (!signal.aborted) await once(signal, 'abort');
  log.info('stopping');
  await Promise.all(running);
}

/** SIGHUP would end the process otherwise. */
function onHangUp(react: () => void, log: Log): Disposable {
  const listener = (): void => {
    try {
      react();
    } catch (error) {
      log.error('what SIGHUP asks for could not be done', { reason: messageOf(error) });
    }
  };
  process.on('SIGHUP', listener);
  return { [Symbol.dispose]: () => void process.off('SIGHUP', listener) };
}
