import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readAll } from './read-all.ts';

describe('readAll', () => {
  const over = (): Error => new RangeError('too much');

  it('gives all that is within the limit, and nothing beyond', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array()), fc.nat(40), async (chunks, limit) => {
        const whole = Buffer.concat(chunks);
        const read = readAll(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), limit, over);
        if (whole.length > limit) await assert.rejects(read, RangeError);
        else assert.ok((await read).equals(whole));
      }),
    ));

  it('lets go of a stream that is too long, or has no end', async () => {
    const stream = new Readable({ read: () => void stream.push(Buffer.alloc(100)) });
    await assert.rejects(readAll(stream, 250, over), /too much/);
    assert.ok(stream.destroyed);
  });
});
