/** What of an Erlang or Elixir application is looked up in the advisories. */

import type { Lookup } from '../../contract/lookup.ts';
import type { IndexRecord } from '../../model/index-report.ts';
import { HEX } from './detect-applications.ts';

/** The one scope of all packages of Hex. */
export const HEX_SCOPE = 'hex';

/** An application by its name: packages of Hex are called as the application that they hold. */
export function lookups({ package: found, repository }: IndexRecord): readonly Lookup[] {
  if (repository?.name !== HEX.name || found.kind !== 'binary') return [];
  return [{ scope: HEX_SCOPE, name: found.name, kind: 'binary', version: found.version }];
}
