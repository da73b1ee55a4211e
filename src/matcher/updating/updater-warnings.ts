/** What an operator has to know of the stanza `updaters`: Clair says nothing of it. */

/** Of the stanza `updaters`. */
export interface UpdaterConfig {
  readonly sets?: readonly string[] | null | undefined;
  readonly filter?: string | undefined;
}

// differs: a name that no set has is a warning; Clair ignores it (clair-service.md#configuration-keys)
/** A sentence for each thing that does not do what it seems to. `known`: the names that `sets` may have; undefined: anybody's guess. */
export function updaterWarnings(
  { sets, filter }: UpdaterConfig,
  known: readonly string[] | undefined,
): string[] {
  const unknown = known === undefined ? [] : (sets ?? []).filter((set) => !isKnown(set, known));
  return [
    ...unknown.map(
      (set) =>
        `updaters.sets: there is no set "${set}": nothing is updated for it (there are: ${known?.join(' ')})`,
    ),
    ...(filter ? ['updaters.filter has no effect, as in Clair: choose by updaters.sets'] : []),
  ];
}

/** Where enrichment is switched off its names are right all the same. */
function isKnown(set: string, known: readonly string[]): boolean {
  const isEnricher = (name: string): boolean => name.startsWith('clair.');
  return known.includes(set) || (isEnricher(set) && !known.some(isEnricher));
}
