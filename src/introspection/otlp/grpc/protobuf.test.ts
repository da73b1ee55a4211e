import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decode } from './collector.fixture.ts';
import { encodeMessage, type Message } from './protobuf.ts';

const ALL: Message = {
  text: [1, 'string'],
  bytes: [2, 'hex'],
  yes: [3, 'bool'],
  number: [4, 'int64'],
  time: [5, 'fixed64'],
  real: [16, 'double'],
  inner: [17, { text: [1, 'string'] }],
};

describe('encodeMessage', () => {
  // by hand, from protobuf's description of its encoding
  const cases: [value: object, hex: string][] = [
    [{}, ''],
    [{ text: 'ab' }, '0a026162'],
    [{ text: '' }, '0a00'],
    [{ text: 'é\ud800' }, '0a05c3a9efbfbd'],
    [{ bytes: '00ff' }, '120200ff'],
    [{ yes: true }, '1801'],
    [{ yes: false }, '1800'],
    [{ number: '150' }, '209601'],
    [{ number: '-1' }, '20ffffffffffffffffff01'],
    [{ time: '258' }, '290201000000000000'],
    [{ time: ['1', '2'] }, '2a1001000000000000000200000000000000'],
    [{ real: 1 }, '8101000000000000f03f'],
    [{ inner: { text: 'a' } }, '8a01030a0161'],
    [{ inner: [{}, { text: 'a' }] }, '8a01008a01030a0161'],
    [{ text: undefined, yes: true }, '1801'],
  ];
  for (const [value, hex] of cases) {
    it(JSON.stringify(value), () => assert.equal(encodeMessage(ALL, value).toString('hex'), hex));
  }

  it('refuses what the table does not know', () => {
    assert.throws(() => encodeMessage(ALL, { other: 1 }), /no field "other"/);
  });

  it('writes what can be read again', () => {
    const value = fc.record({
      text: fc.string({ unit: 'grapheme', maxLength: 6000 }),
      number: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String),
      time: fc.array(fc.bigInt(0n, 2n ** 64n - 1n).map(String), { maxLength: 900 }),
      real: fc.double(),
    });
    fc.assert(
      fc.property(value, (given) => {
        const fields = decode(encodeMessage(ALL, given));
        const bytes = (number: number) => fields.get(number)![0] as Buffer;
        assert.equal(bytes(1).toString(), given.text);
        assert.equal(String(BigInt.asIntN(64, fields.get(4)![0] as bigint)), given.number);
        assert.deepEqual(
          given.time.map((_, at) => String(bytes(5).readBigUInt64LE(at * 8))),
          given.time,
        );
        assert.ok(Object.is(bytes(16).readDoubleLE(), given.real));
      }),
      { numRuns: 60 },
    );
  });
});
