/** The law of all readers: what is truncated, padded, oversized, garbled, nested or unreadable is read whole, or told. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { detectIn } from '../scripts/fuzz/law/detect.ts';
import { EXCEPTIONS } from '../scripts/fuzz/law/exceptions.ts';
import { factsOf, lawReaders } from '../scripts/fuzz/law/readers.ts';
import { lawCase, unreadableVerdict, verdictOf } from '../scripts/fuzz/law/whole-or-told.ts';
import { randomFrom } from '../scripts/fuzz/mutate.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { detectors, readSamples } from './ecosystems.fixture.ts';

const CASES = 100;
const READERS = lawReaders([...(await readSamples()).values()]);

/** Those that find nothing that a report checks: they only tell what is not read, or count it. */
const TELLERS = /^(?:inventory|project-file|unopened|chisel|bioconductor|bioconductor-lock)$/;
const UNCOVERED = new Set(ecosystems.find(({ id }) => id === 'uncovered')!.detectors);

describe('what is damaged is read whole, or told', () => {
  it('holds for every detector of the list that finds packages or repositories', () => {
    const held = new Set([...READERS.values()].map(({ detector }) => detector));
    const missing = detectors.filter(
      (each) =>
        each.kind !== 'distribution' && !held.has(each) && !UNCOVERED.has(each) && !TELLERS.test(each.id),
    );
    assert.deepEqual(
      missing.map(({ id }) => id),
      [],
    );
  });

  it('leaves out nothing that no reader is called by', () => {
    const ids = detectors.map(({ id }) => id);
    for (const { of, reason } of EXCEPTIONS)
      assert.ok(
        ids.some((id) => of.test(id)),
        reason,
      );
  });

  for (const [name, reader] of READERS) {
    it(name, () => {
      assert.equal(unreadableVerdict(reader), 'told');
      const { detector, path, content, wrap, found } = reader;
      assert.deepEqual(factsOf(detectIn(detector, path, wrap?.(content) ?? content)), found);
      for (let number = 0; number < CASES; number++) {
        const made = lawCase(reader, randomFrom(number));
        const shown = `${made.damage} ${number}: ${JSON.stringify(made.bytes.toString('latin1', 0, 300))}`;
        assert.notEqual(verdictOf(reader, made), 'silent', shown);
      }
    });
  }
});
