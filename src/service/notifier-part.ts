/** The notifier as a service: database, transports, loops, routes. */
import type { Config } from '../config/schema.ts';
import { NOTIFIER } from '../http/auth/tokens.ts';
import { measuredTransport, tellDeliveries } from '../introspection/metrics/measured-notifier.ts';
import { createNotifier, type Notifier } from '../notifier/notifier.ts';
import { deliveryRoutes } from '../notifier/routes/deliveries.ts';
import { notificationRoutes } from '../notifier/routes/notification.ts';
import type { ManifestSource, RunSource } from '../notifier/sources.ts';
import { testManifests, testRuns } from '../notifier/test-mode.ts';
import { NOTIFIER_SCHEMA } from '../schemas.ts';
import { createTransports } from '../transports/open-transports.ts';
import { openDatabase } from './open-database.ts';
import type { Part, PartContext } from './part.ts';

export interface NotifierPart extends Part {
  readonly notifier: Notifier;
}

/** Where news come from. */
export interface NotifierSources {
  readonly runs: RunSource;
  readonly manifests: ManifestSource;
}

export async function notifierPart(
  context: PartContext,
  config: NonNullable<Config['notifier']>,
  sources: NotifierSources,
): Promise<NotifierPart> {
  await using resources = new AsyncDisposableStack();
  const { log, now, signal, sign, metrics, tracer } = context;
  const db = resources.use(await openDatabase('notifier', NOTIFIER_SCHEMA, config, context));
  const transports = await createTransports(config, { sign: sign && (() => sign(NOTIFIER)) });
  for (const transport of transports) resources.use(transport);
  const isTest = (process.env.NOTIFIER_TEST_MODE ?? '') !== '';
  if (isTest) log.warn('NOTIFIER_TEST_MODE is set: every poll makes a notification of nothing');
  const notifier = createNotifier({
    db,
    ...(isTest ? { runs: testRuns(now), manifests: testManifests } : sources),
    transports: transports.map((transport) => measuredTransport(transport, metrics, tracer)),
    settings: {
      pollInterval: config.poll_interval,
      deliveryInterval: config.delivery_interval,
      deliveryAttempts: config.delivery_attempts,
      retention: config.retention,
      summary: !config.disable_summary,
      baseline: isTest ? 'notify' : config.baseline,
    },
    log,
    now,
  });
  tellDeliveries(notifier, metrics);
  const owned = resources.move();
  return {
    db,
    notifier,
    mount(app, cutOff) {
      notificationRoutes(app, notifier);
      deliveryRoutes(app, notifier, cutOff);
    },
    run: () => notifier.run(signal),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
