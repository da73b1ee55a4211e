import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { carriedAddresses } from './carried-addresses.ts';

describe('IPv4 addresses inside IPv6 ones', () => {
  // The examples of the RFCs, all of 192.0.2.33 (RFC 6052 §2.4) unless said.
  for (const [address, carried, where] of [
    ['2001:db8:c000:221::', '192.0.2.33', 'RFC 6052, 32 bits'],
    ['2001:db8:1c0:2:21::', '192.0.2.33', 'RFC 6052, 40 bits'],
    ['2001:db8:122:c000:2:2100::', '192.0.2.33', 'RFC 6052, 48 bits'],
    ['2001:db8:122:3c0:0:221::', '192.0.2.33', 'RFC 6052, 56 bits'],
    ['2001:db8:122:344:c0:2:2100::', '192.0.2.33', 'RFC 6052, 64 bits'],
    ['2001:db8:122:344::192.0.2.33', '192.0.2.33', 'RFC 6052, 96 bits'],
    ['64:ff9b::192.0.2.33', '192.0.2.33', 'the well-known prefix'],
    ['64:ff9b:1:c000:2:2100::', '192.0.2.33', 'RFC 8215'],
    ['::ffff:192.0.2.33', '192.0.2.33', 'mapped'],
    ['::c000:221', '192.0.2.33', 'compatible'],
    ['::ffff:0:c000:221', '192.0.2.33', 'translated'],
    ['2002:c000:221::1', '192.0.2.33', '6to4'],
    ['fe80::5efe:c000:221%eth0', '192.0.2.33', 'ISATAP, with a zone'],
    ['2001:0:4136:e378:8000:63bf:3fff:fdd2', '192.0.2.45', 'the client of Teredo (RFC 4380 §2.6)'],
    ['2001:0:4136:e378:8000:63bf:3fff:fdd2', '65.54.227.120', 'the server of Teredo'],
  ] as const) {
    it(`${where}: ${address}`, () => assert.ok(carriedAddresses(address).includes(carried)));
  }
  it('none in what is no IPv6 address', () => {
    for (const text of ['', '192.0.2.33', 'host', '1::2::3', '[::1]'])
      assert.deepEqual(carriedAddresses(text), []);
  });
  it('however it is written', () => {
    const group = fc.oneof(fc.constant(0), fc.nat({ max: 0xffff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const long = groups.map((each) => each.toString(16).padStart(4, '0')).join(':');
        const short = new URL(`http://[${long}]`).hostname.slice(1, -1);
        const [high, low] = [groups[6]!, groups[7]!];
        const last = [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
        const dotted = `${groups
          .slice(0, 6)
          .map((each) => each.toString(16))
          .join(':')}:${last}`;
        const want = carriedAddresses(long);
        assert.equal(want[5], last);
        assert.deepEqual([carriedAddresses(short), carriedAddresses(dotted)], [want, want]);
      }),
    );
  });
});
