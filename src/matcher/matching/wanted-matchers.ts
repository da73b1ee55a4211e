/** `matchers.names` of the configuration: Clair's names of what is matched here by scope. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Lookup } from '../../contract/lookup.ts';
import { isOfScopes } from '../../ecosystems/scopes.ts';

/** Names that there are not. */
export function unknownMatchers(ecosystems: readonly Ecosystem[], names: readonly string[]): string[] {
  const known = new Set(
    ecosystems.flatMap(({ id, feeds, matchers = {} }) => [
      id,
      ...feeds.map(({ set }) => set),
      ...Object.keys(matchers),
    ]),
  );
  return names.filter((name) => !known.has(name));
}

/**
 * `ecosystems` that look up no more than the matchers `names` would; null: all. What is left out is asked for in a scope
 * that no feed has, so that a report says what was not checked.
 */
// differs: a report says of packages whose matcher is disabled that they were not checked (clair-matching.md#selecting-advisories)
export function wantedMatchers(
  ecosystems: readonly Ecosystem[],
  names: readonly string[] | null | undefined,
): readonly Ecosystem[] {
  if (names == null) return ecosystems;
  const wanted = new Set(names);
  const ofNames = ecosystems.flatMap(({ matchers = {} }) =>
    Object.entries(matchers).flatMap(([name, scopes]) => (wanted.has(name) ? scopes : [])),
  );
  // What Clair has not goes by the name of its ecosystem or scope.
  const scopes = [...ofNames, ...names, ...names.map((name) => `${name}:`)];
  const isWanted = ({ scope }: Lookup): boolean => isOfScopes(scopes, scope);
  return ecosystems.map((ecosystem) =>
    wanted.has(ecosystem.id)
      ? ecosystem
      : {
          ...ecosystem,
          lookups: (record) =>
            ecosystem
              .lookups(record)
              .map((lookup) =>
                isWanted(lookup) ? lookup : { ...lookup, scope: `${lookup.scope} (not in matchers.names)` },
              ),
        },
  );
}
