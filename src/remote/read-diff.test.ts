import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type DiffMember, readDiff } from './read-diff.ts';

/** Reads `text` in pieces of these lengths. */
async function read(text: string, lengths: readonly number[] = [1 << 20]): Promise<DiffMember[]> {
  const bytes = Buffer.from(text);
  async function* pieces() {
    for (let at = 0, n = 0; at < bytes.length; n++) {
      const length = lengths[n % lengths.length]!;
      yield bytes.subarray(at, at + length);
      at += length;
    }
  }
  const members: DiffMember[] = [];
  for await (const member of readDiff(pieces())) members.push(member);
  return members;
}

const operation = { ref: '0', updater: 'u', fingerprint: '{"a":[1]}', date: '', kind: '' };

describe('an update_diff', () => {
  it('is read the same however it is cut', async () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue());
    const list = fc.oneof(fc.constant(null), fc.array(object, { maxLength: 4 }));
    await fc.assert(
      fc.asyncProperty(
        fc.record({ added: list, removed: list }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        fc.boolean(),
        async ({ added, removed }, lengths, spaced) => {
          const diff = { prev: operation, cur: operation, more: [['added'], {}], added, removed };
          const text = JSON.stringify(diff, null, spaced ? 2 : 0);
          const { added: plainAdded, removed: plainRemoved } = JSON.parse(text) as typeof diff;
          assert.deepEqual(await read(text, lengths), [
            ...(plainAdded ?? []).map((value) => ({ list: 'added', value })),
            ...(plainRemoved ?? []).map((value) => ({ list: 'removed', value })),
          ]);
        },
      ),
    );
  });

  const broken: [string, string, RegExp][] = [
    ['that is empty', '', /ends early/],
    ['that ends early', '{"added":[{"a":1}', /ends early/],
    ['that ends in a vulnerability', '{"added":[{"a":1', /ends early/],
    ['that is no JSON', '{"added":[{a}]}', /not valid JSON/],
    ['with a bracket too many', '{"added":null}}', /closing brackets/],
    ['without lists', ' '.repeat(2 << 20), /outside its lists/],
    ['with too long a vulnerability', `{"added":[{"a":"${'x'.repeat(17 << 20)}"}]}`, /longer than/],
  ];
  for (const [what, text, message] of broken) {
    it(`${what} is refused`, async () => {
      const code = message.source === 'ends early' ? 'service' : 'service-answer';
      await assert.rejects(read(text), { code, message });
    });
  }

  it('may have more members than bytes beside them', async () => {
    assert.equal((await read(`{"added":[${'{},'.repeat(600_000)}{}],"removed":[{}]}`)).length, 600_002);
  });

  it('of any bytes is read or refused', async () => {
    const text = JSON.stringify({ prev: operation, cur: operation, added: [{ a: '\\"]}' }], removed: null });
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), async (at, put) => {
        try {
          await read(text.slice(0, at) + put + text.slice(at + 1), [7]);
        } catch (error) {
          assert.match(String((error as { code?: string }).code), /^service(-answer)?$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
