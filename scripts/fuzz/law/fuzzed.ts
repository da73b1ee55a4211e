/** The law of readers as it is fuzzed: `law-READER`. */
import type { Fuzzed } from '../fuzzed.ts';
import { SAMPLES } from '../samples.ts';
import { type LawReader, lawReaders } from './readers.ts';
import { type Case, lawCase, verdictOf } from './whole-or-told.ts';

/** By name, each with all files that there are for it. */
const READERS = Map.groupBy(lawReaders(SAMPLES).values(), ({ detector: { id, kind } }) =>
  kind === 'package' ? `law-${id}` : `law-${id}-${kind}`,
);

export const LAW_NAMES: readonly string[] = [...READERS.keys()];

/** A case that is read whole counts as a record, one that is told as a problem, an exception as neither. Throws if it is silent. */
export function lawFuzzed(name: string): Fuzzed {
  const readers = READERS.get(name)!;
  let last: { readonly reader: LawReader; readonly made: Case } | undefined;
  return {
    damage(random) {
      const reader = readers[random(readers.length)]!;
      last = { reader, made: lawCase(reader, random) };
      return last.made.bytes;
    },
    read(bytes) {
      const { reader, made } = last!;
      const verdict = verdictOf(reader, made);
      if (verdict === 'silent')
        throw new Error(`${made.damage}: silent about ${JSON.stringify(bytes.toString('latin1', 0, 300))}`);
      return { records: Number(verdict === 'whole'), problems: Number(verdict === 'told') };
    },
  };
}
