import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../errors.ts';
import { readDigests, readManifest } from './read-manifest.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

/** Whatever comes, a value or a `bad-request`. */
function survives(read: (body: unknown) => unknown, body: unknown): void {
  try {
    read(body);
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, 'bad-request');
  }
}

describe('bodies of requests', () => {
  const scalar = fc.oneof(fc.constant(DIGEST), fc.string(), fc.integer(), fc.constant(null));
  const layer = fc.record(
    {
      hash: scalar,
      uri: scalar,
      headers: fc.oneof(fc.dictionary(fc.string(), fc.oneof(fc.array(scalar), scalar)), scalar),
    },
    { requiredKeys: [] },
  );
  const manifest = fc.record(
    { hash: scalar, layers: fc.oneof(fc.array(fc.oneof(layer, scalar)), scalar) },
    { requiredKeys: [] },
  );

  it('survive what resembles them', () => {
    fc.assert(
      fc.property(manifest, (value) => {
        survives(readManifest, Buffer.from(JSON.stringify(value)));
        survives(readDigests, Buffer.from(JSON.stringify(value)));
      }),
    );
  });
  it('survive any JSON, and any bytes', () => {
    fc.assert(
      fc.property(fc.json(), fc.uint8Array(), (json, bytes) => {
        for (const body of [Buffer.from(json), Buffer.from(bytes)]) {
          survives(readManifest, body);
          survives(readDigests, body);
        }
      }),
    );
  });
  it('survive what is no body', () => {
    for (const body of [undefined, null, '{}', {}]) {
      assert.throws(() => readManifest(body), { code: 'bad-request' });
      assert.throws(() => readDigests(body), { code: 'bad-request' });
    }
  });
  it('survive depth', () => {
    survives(readManifest, Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)));
    survives(
      readManifest,
      Buffer.from(`{"hash":"${DIGEST}","layers":[${'{"headers":'.repeat(5000)}1${'}'.repeat(5000)}]}`),
    );
  });
});
