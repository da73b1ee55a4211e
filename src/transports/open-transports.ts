/** The transports that are configured; those that are not are never loaded. */
import type { Transport } from './contract.ts';
import type { TransportParts } from './kind.ts';
import { configuredTransports, type TransportSettings } from './sections.ts';

/**
 * Returns all that are configured, each on its own. Connects to nobody: a broker that is not there must not keep the
 * service from starting. Throws `bad-config`.
 */
// differs: Clair uses the first one only (clair-service.md#transports)
export async function createTransports(
  settings: TransportSettings,
  parts: TransportParts = {},
): Promise<Transport[]> {
  return await Promise.all(
    configuredTransports(settings).map(({ kind, settings }) => kind.open(settings, parts)),
  );
}
