/** What of an Erlang or Elixir application is looked up in the advisories. */

import type { Lookup } from '../../contract/lookup.ts';
import type { IndexRecord } from '../../model/index-report.ts';
import { HEX } from './detect-applications.ts';
import { comesWithErlang, OTP } from './otp.ts';

/** The one scope of all packages of Hex. */
export const HEX_SCOPE = 'hex';

/** No feed has it: what came with Erlang or Elixir is told as not checked. */
const OTP_SCOPE = 'erlang/otp';

/**
 * An application by its name: packages of Hex are called as the application that they hold. Those of Erlang and Elixir
 * are not among them, and neither are their advisories.
 */
export function lookups({ package: found, repository }: IndexRecord): readonly Lookup[] {
  const isOfOtp = repository?.name === OTP.name;
  if ((repository?.name !== HEX.name && !isOfOtp) || found.kind !== 'binary') return [];
  const scope = isOfOtp || comesWithErlang(found.name) ? OTP_SCOPE : HEX_SCOPE;
  return [{ scope, name: found.name, kind: 'binary', version: found.version }];
}
