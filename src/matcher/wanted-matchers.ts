/** `matchers.names` of the configuration: Clair's names of what is matched here by scope. */
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Lookup } from '../contract/lookup.ts';

/** Clair's names -> how the keys of their scopes begin. What Clair has not goes by the name of its ecosystem or scope. */
const MATCHERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['alpine-matcher', ['alpine:']],
  ['aws-matcher', ['amzn:']],
  ['debian-matcher', ['debian:']],
  ['gobin', ['go']],
  ['java-maven', ['maven']],
  ['nodejs', ['npm']],
  ['oracle', ['ol:']],
  ['photon', ['photon:']],
  ['python', ['pypi']],
  ['rhel', ['rhel-cpe:']],
  ['rhel-container-matcher', ['rhcc-cpe:', 'rhcc']],
  ['ruby-gem', ['rubygems']],
  ['suse', ['sles:', 'opensuse-leap:']],
  ['ubuntu-matcher', ['ubuntu:']],
]);

// clair-quirk: its guides name matchers that it does not have; there they match nothing
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['alpine', 'alpine-matcher'],
  ['aws', 'aws-matcher'],
  ['debian', 'debian-matcher'],
  ['ubuntu', 'ubuntu-matcher'],
]);

/** Names that there are not. */
export function unknownMatchers(ecosystems: readonly Ecosystem[], names: readonly string[]): string[] {
  const known = new Set(ecosystems.flatMap(({ id, feeds }) => [id, ...feeds.map(({ set }) => set)]));
  return names.filter((name) => !MATCHERS.has(ALIASES.get(name) ?? name) && !known.has(name));
}

/**
 * `ecosystems` that look up no more than the matchers `names` would; null: all. What is left out is asked for in a scope
 * that no feed has, so that a report says what was not checked.
 */
// differs: a report says of packages whose matcher is switched off that they were not checked (clair-matching.md#selecting-advisories)
export function wantedMatchers(
  ecosystems: readonly Ecosystem[],
  names: readonly string[] | null | undefined,
): readonly Ecosystem[] {
  if (names == null) return ecosystems;
  const wanted = new Set(names);
  const beginnings = names.flatMap((name) => MATCHERS.get(ALIASES.get(name) ?? name) ?? `${name}:`);
  const isWanted = ({ scope }: Lookup): boolean =>
    wanted.has(scope) || beginnings.some((beginning) => scope.startsWith(beginning));
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
