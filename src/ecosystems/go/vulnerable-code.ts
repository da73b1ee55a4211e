/** What the Go vulnerability database says of the code that is vulnerable (go.dev/doc/security/vuln/database, "Schemas"). */
import { isObject } from '../../model/json-object.ts';
import { readVulnerableCode, type VulnerableCode } from '../../model/vulnerable-code.ts';

/** Returns the packages and functions of `ecosystem_specific`; undefined if it does not say them. */
export function codeOf(specific: unknown): VulnerableCode | undefined {
  return isObject(specific) ? readVulnerableCode(specific.imports) : undefined;
}
