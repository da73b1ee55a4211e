/** Whose a scope is. */
import type { Ecosystem } from '../contract/ecosystem.ts';

/** Whether the scope of `key` is one of `scopes`, which are beginnings that end with a colon, or whole keys. */
export function isOfScopes(scopes: readonly string[], key: string): boolean {
  return scopes.some((scope) => key === scope || (scope.endsWith(':') && key.startsWith(scope)));
}

/** The ecosystem that looks up and orders what is in the scope of `key`; undefined: nobody knows it. */
export function ecosystemOfScope<E extends Pick<Ecosystem, 'scopes'>>(
  ecosystems: readonly E[],
  key: string,
): E | undefined {
  return ecosystems.find(({ scopes }) => isOfScopes(scopes, key));
}
