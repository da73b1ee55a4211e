/** The law of readers as it is fuzzed: `law-READER`. */
import type { Fuzzed } from '../fuzzed.ts';
import { SAMPLES } from '../samples.ts';
import { lawReaders } from './readers.ts';
import { type Case, lawCase, verdictOf } from './whole-or-told.ts';

const READERS = lawReaders(SAMPLES);

export const LAW_NAMES: readonly string[] = [...READERS.keys()].map((name) => `law-${name}`);

/** A case that is read whole counts as a record, one that is told as a problem, an exception as neither. Throws if it is silent. */
export function lawFuzzed(name: string): Fuzzed {
  const reader = READERS.get(name.slice('law-'.length))!;
  let last: Case | undefined;
  return {
    damage(random) {
      last = lawCase(reader, random);
      return last.bytes;
    },
    read(bytes) {
      const verdict = verdictOf(reader, last!);
      if (verdict === 'silent')
        throw new Error(`${last!.damage}: silent about ${JSON.stringify(bytes.toString('latin1', 0, 300))}`);
      return { records: Number(verdict === 'whole'), problems: Number(verdict === 'told') };
    },
  };
}
