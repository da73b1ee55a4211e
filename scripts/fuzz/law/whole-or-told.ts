/** The law of all readers: what is damaged is read whole, or told as not read. */
import type { Detection } from '../../../src/contract/detector.ts';
import type { Random } from '../mutate.ts';
import { type Damage, damaged, damageIn } from './damage.ts';
import { detectIn, detectUnreadable } from './detect.ts';
import { exceptionOf } from './exceptions.ts';
import { factsOf, type LawReader } from './readers.ts';

/** `whole`: read to its end. `told`: a problem makes the report incomplete. `excepted`: neither, as the bytes do not show it. */
export type Verdict = 'whole' | 'told' | 'excepted' | 'silent';

export interface Case {
  readonly damage: Damage;
  /** The damaged content, and that as it lies in the layer. */
  readonly content: Buffer;
  readonly bytes: Buffer;
}

/** A case of `reader`. */
export function lawCase(reader: LawReader, random: Random): Case {
  const damage = damageIn(random);
  const content = damaged(damage, reader.content, random);
  return { damage, content, bytes: reader.wrap === undefined ? content : reader.wrap(content) };
}

/** What becomes of a damaged file. */
export function verdictOf(reader: LawReader, { damage, content, bytes }: Case): Verdict {
  const found = isTold(() => detectIn(reader.detector, reader.path, bytes));
  if (found === true) return 'told';
  if (isWhole(reader, damage, factsOf(found))) return 'whole';
  return exceptionOf(reader, damage, content) === undefined ? 'silent' : 'excepted';
}

/** What becomes of a file whose bytes cannot be had. */
export function unreadableVerdict({ detector, path, content, wrap }: LawReader): Verdict {
  const bytes = wrap === undefined ? content : wrap(content);
  return isTold(() => detectUnreadable(detector, path, bytes)) === true ? 'told' : 'silent';
}

/** True if it is told that something was not read; else what was found. What a detector throws is told by whoever runs it. */
function isTold(detect: () => Detection[]): true | Detection[] {
  let found: Detection[];
  try {
    found = detect();
  } catch {
    return true;
  }
  return found.some((item) => item.found === 'problem' && item.kind !== 'note') || found;
}

/**
 * A cut file is read whole if nothing that was found is missing: each name with its version. In all other damage the bytes
 * may say another name or version, and then that is what is there; it is read whole if no record is missing.
 */
function isWhole({ found, wrap }: LawReader, damage: Damage, now: readonly string[]): boolean {
  return damage === 'truncated' && wrap === undefined
    ? found.every((fact) => now.includes(fact))
    : now.length >= found.length;
}
