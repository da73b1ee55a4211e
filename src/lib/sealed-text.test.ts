import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createSealer } from './sealed-text.ts';

const sealer = createSealer('a secret', 'tests');

describe('a sealed text', () => {
  it('is opened with the same secret, purpose and context, and shows nothing of itself', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, context) => {
        const sealed = sealer.seal(text, context);
        assert.equal(sealer.open(sealed, context), Buffer.from(text).toString());
        if (text.length > 4) assert.ok(!sealed.includes(text));
        assert.equal(sealer.open(sealed, `${context}x`), undefined);
        assert.equal(createSealer('another secret', 'tests').open(sealed, context), undefined);
        assert.equal(createSealer('a secret', 'other').open(sealed, context), undefined);
      }),
    );
  });

  it('is another one each time', () => {
    assert.notDeepEqual(sealer.seal('x', 'a'), sealer.seal('x', 'a'));
  });

  it('that was changed cannot be opened', () => {
    const sealed = sealer.seal('Basic abc', 'a');
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(sealed);
        changed[at] = changed[at]! ^ by;
        assert.equal(sealer.open(changed, 'a'), undefined);
        assert.equal(sealer.open(sealed.subarray(0, at), 'a'), undefined);
      }),
    );
  });
});
