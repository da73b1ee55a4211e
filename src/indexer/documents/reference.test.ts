import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isReference, REFERENCE_LENGTH, readReference, writeReference } from './reference.ts';

const digests = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `sha256:${Buffer.from(bytes).toString('hex')}`);

describe('references to documents', () => {
  it('say digest and size, in one length', () => {
    fc.assert(
      fc.property(digests, fc.integer({ min: 0, max: 9_999_999_999 }), (digest, size) => {
        const held = writeReference({ digest, size });
        assert.equal(held.length, REFERENCE_LENGTH);
        assert.ok(isReference(held));
        assert.deepEqual(readReference(held), { digest, size });
      }),
    );
  });

  it('are no JSON, and no JSON is one', () => {
    fc.assert(
      fc.property(fc.json(), digests, (json, digest) => {
        assert.equal(readReference(json), undefined);
        assert.throws(() => JSON.parse(writeReference({ digest, size: json.length })), SyntaxError);
      }),
    );
  });

  it('are nothing else, whatever a row holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 200 }), fc.string({ minLength: 80, maxLength: 80, unit: 'binary' })),
        (text) => {
          assert.equal(readReference(text), undefined);
          assert.equal(isReference(text), false);
          assert.equal(readReference(`document:sha256:${text}`), undefined);
        },
      ),
    );
  });
});
