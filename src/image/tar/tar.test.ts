import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../errors.ts';
import { TarReader } from './tar.ts';
import { BROKEN, CASES, oldSparse } from './tar-cases.fixture.ts';
import { tarOf } from './writer.fixture.ts';

/** `type name[ -> link] size:content` of each entry. */
function list(archive: Buffer, cuts: readonly number[] = []): string[] {
  const seen: string[] = [];
  const reader = new TarReader(({ name, type, size, link }) => {
    const index = seen.push(`${type} ${name}${link === undefined ? '' : ` -> ${link}`}`) - 1;
    if (type !== 'file') return undefined;
    const pieces: Buffer[] = [];
    return {
      data(piece) {
        pieces.push(Buffer.from(piece));
        return true;
      },
      end() {
        const content = Buffer.concat(pieces);
        seen[index] += ` ${size}:${content.toString('latin1').replaceAll('\0', '.')}`;
        assert.equal(content.length, size);
      },
    };
  });
  let from = 0;
  for (const cut of [...cuts, archive.length].sort((a, b) => a - b)) {
    reader.write(archive.subarray(from, Math.min(cut, archive.length)));
    from = Math.max(from, Math.min(cut, archive.length));
  }
  reader.end();
  return seen;
}

describe('tar', () => {
  for (const [name, archive, want] of CASES) it(`reads ${name}`, () => assert.deepEqual(list(archive), want));
  for (const [name, archive, want] of BROKEN)
    it(`refuses ${name}`, () => assert.throws(() => list(archive), want));

  it('gives the same for any cutting', () => {
    const archives = CASES.map(([, archive, want]) => ({ archive, want }));
    fc.assert(
      fc.property(
        fc.constantFrom(...archives),
        fc.array(fc.nat(6000), { maxLength: 12 }),
        ({ archive, want }, cuts) => {
          assert.deepEqual(list(archive, cuts), want);
        },
      ),
      { numRuns: 600 },
    );
    for (const { archive, want } of archives) {
      assert.deepEqual(
        list(
          archive,
          Array.from({ length: archive.length }, (_, i) => i),
        ),
        want,
      );
    }
  });

  it('stops asking who has enough', () => {
    let calls = 0;
    const reader = new TarReader(() => ({
      data: () => ++calls < 1,
      end: () => assert.fail('not to be called'),
    }));
    const archive = tarOf({ name: 'a', content: Buffer.alloc(5000) });
    for (let at = 0; at < archive.length; at += 512) reader.write(archive.subarray(at, at + 512));
    reader.end();
    assert.equal(calls, 1);
  });

  it('counts holes only where somebody looks', () => {
    const archive = tarOf({ name: 's', flag: 'S', gnu: true, patch: oldSparse([], 2 ** 40) });
    new TarReader(
      () => undefined,
      () => assert.fail('nobody looked'),
    ).write(archive);
    const looking = new TarReader(
      () => ({ data: () => true, end() {} }),
      () => {
        throw new AppError('layer-limit', 'too much');
      },
    );
    assert.throws(() => looking.write(archive), /too much/);
  });

  it('survives anything', () => {
    const whole = Buffer.concat(
      CASES.map(([, archive]) => archive.subarray(0, Math.max(0, archive.length - 1024))),
    );
    const mutation = fc.record({ at: fc.nat(whole.length - 1), byte: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(
        fc.array(mutation, { minLength: 1, maxLength: 8 }),
        fc.nat(whole.length),
        (mutations, end) => {
          const mutated = Buffer.from(whole.subarray(0, end));
          for (const { at, byte } of mutations) if (at < end) mutated[at] = byte;
          survives(mutated);
        },
      ),
      { numRuns: 1500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => survives(Buffer.from(bytes))),
      { numRuns: 300 },
    );
  });
});

function survives(archive: Buffer): void {
  let budget = 1e6;
  try {
    const reader = new TarReader(
      () => ({ data: () => true, end() {} }),
      (bytes) => {
        if ((budget -= bytes) < 0) throw new AppError('layer-limit', 'too many zeros');
      },
    );
    reader.write(archive);
    reader.end();
  } catch (error) {
    assert.ok(
      error instanceof AppError && (error.code === 'bad-layer' || error.code === 'layer-limit'),
      String(error),
    );
  }
}
