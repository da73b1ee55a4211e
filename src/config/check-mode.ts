/** What a service needs to start in a mode, beyond what the schema can tell. */
import { access, constants } from 'node:fs/promises';
import { AppError, messageOf } from '../errors.ts';
import { configuredTransports, transportNames } from '../transports/sections.ts';
import type { Mode } from './clair-flags.ts';
import type { Config } from './schema.ts';

/** Whether notifications have somewhere to go. */
export function hasDelivery({ notifier }: Config): boolean {
  return notifier != null && configuredTransports(notifier).length > 0;
}

/** Throws `bad-config`: a line for each thing that is missing in `mode`. */
export async function checkMode(config: Config, mode: Mode): Promise<void> {
  const mistakes = [...missingIn(config, mode), ...(await missingFiles(config, mode))];
  if (mistakes.length > 0) throw new AppError('bad-config', mistakes.join('\n'));
}

function* missingIn(config: Config, mode: Mode): Generator<string> {
  const { matcher, notifier, auth, harbor } = config;
  const needsUrl = (key: string): string =>
    `${key}: is missing: mode ${mode} needs its URL, e.g. http://clair-${key.slice(key.indexOf('.') + 1).replace('_addr', '')}:6060`;
  if (mode === 'matcher' && matcher.indexer_addr === '') yield needsUrl('matcher.indexer_addr');
  if (mode === 'indexer' && harbor.enabled && harbor.matcher_addr === '')
    yield needsUrl('harbor.matcher_addr');
  if (mode === 'notifier') {
    if (!notifier?.indexer_addr) yield needsUrl('notifier.indexer_addr');
    if (!notifier?.matcher_addr) yield needsUrl('notifier.matcher_addr');
    if (!hasDelivery(config)) yield `notifier: has no delivery target: add ${transportNames()}`;
  }
  if (config.introspection_auth && !auth?.psk && !auth?.keyserver) {
    yield 'introspection_auth: is true, but no authentication is configured: add auth.psk or auth.keyserver';
  }
  if (auth?.keyserver && mode !== 'combo' && auth.keyserver.intraservice === undefined) {
    yield `auth.keyserver.intraservice: is missing: mode ${mode} needs it to call the other services`;
  }
}

async function missingFiles(
  { tls, notifier, trace, metrics, indexer, store }: Config,
  mode: Mode,
): Promise<string[]> {
  const places = {
    tls,
    ...(mode === 'combo' || mode === 'notifier' ? filesOfTransports(notifier) : {}),
    ...(mode === 'combo' || mode === 'indexer'
      ? {
          ...Object.fromEntries(
            indexer.registries.map(({ ca_cert }, index) => [`indexer.registries[${index}]`, { ca_cert }]),
          ),
          'store.documents.s3': { root_ca: store?.documents?.s3.root_ca },
        }
      : {}),
    'trace.otlp.http.client_tls': trace?.otlp?.http?.client_tls,
    'trace.otlp.grpc.client_tls': trace?.otlp?.grpc?.client_tls,
    'metrics.otlp.http.client_tls': metrics?.otlp?.http?.client_tls,
    'metrics.otlp.grpc.client_tls': metrics?.otlp?.grpc?.client_tls,
  };
  const files = Object.entries(places).flatMap(([place, files]) =>
    Object.entries(files ?? {}).flatMap(([key, path]) => (path ? [{ key: `${place}.${key}`, path }] : [])),
  );
  const checked = await Promise.all(
    files.map(async ({ key, path }) => {
      try {
        await access(path, constants.R_OK);
        return [];
      } catch (error) {
        return [`${key}: ${JSON.stringify(path)} cannot be read: ${messageOf(error)}`];
      }
    }),
  );
  return checked.flat();
}

function filesOfTransports(
  notifier: Config['notifier'],
): Record<string, Readonly<Record<string, string | undefined>>> {
  return Object.fromEntries(
    configuredTransports(notifier ?? {}).map(({ kind, settings }) => [
      `notifier.${kind.name}`,
      kind.files?.(settings) ?? {},
    ]),
  );
}
