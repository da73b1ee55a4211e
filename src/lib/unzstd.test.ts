import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { constants, zstdCompressSync } from 'node:zlib';
import { unzstd, unzstdSync } from './unzstd.ts';

const zstd = (text: string): Buffer =>
  zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
const text = 'some text, '.repeat(50_000);
const whole = zstd(text);
// RFC 8878, 3.1.2: its magic, its length, its bytes.
const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Buffer, size: number): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of unzstd(chunked(bytes, size))) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

const WAYS: Readonly<Record<string, (bytes: Buffer) => Promise<string>>> = {
  'byte by byte': (bytes) => read(bytes, 1),
  'in pieces': (bytes) => read(bytes, 7),
  'as one chunk': (bytes) => read(bytes, 1_000_000),
  'at once': async (bytes) => unzstdSync(bytes, 10_000_000).toString(),
};

for (const [way, run] of Object.entries(WAYS)) {
  describe(`zstd ${way}`, () => {
    for (const [what, bytes, want] of [
      ['a frame', whole, text],
      ['several frames', Buffer.concat([whole, skippable, zstd('more')]), `${text}more`],
      ['frames of nothing', Buffer.concat([zstd(''), zstd('a'), zstd('')]), 'a'],
    ] as const) {
      it(`reads ${what}`, async () => assert.equal(await run(bytes), want));
    }
    for (const [what, bytes] of [
      ['a frame that is cut', whole.subarray(0, -3)],
      ['a second frame that is cut', Buffer.concat([whole, whole.subarray(0, 20)])],
      ['what is no frame behind one', Buffer.concat([whole, Buffer.from('garbage!')])],
      ['zeros behind a frame', Buffer.concat([whole, Buffer.alloc(100)])],
      ['a wrong checksum', Buffer.concat([whole.subarray(0, -4), Buffer.alloc(4)])],
    ] as const) {
      it(`refuses ${what}`, () => assert.rejects(run(bytes)));
    }
  });
}

it('passes on what the source throws', async () => {
  async function* failing() {
    yield whole.subarray(0, 30);
    throw new Error('the connection broke');
  }
  await assert.rejects(async () => {
    for await (const _ of unzstd(failing()));
  }, /the connection broke/);
});

it('lets go of the source when it is left early', async () => {
  let gone = false;
  async function* source() {
    try {
      for (;;) yield whole;
    } finally {
      gone = true;
    }
  }
  for await (const _ of unzstd(source())) break;
  await new Promise(setImmediate);
  assert.equal(gone, true);
});

it('holds what is there at once to its limit', () => {
  assert.throws(() => unzstdSync(whole, 1000));
  assert.throws(() => unzstdSync(Buffer.concat([zstd('a'.repeat(600)), zstd('b'.repeat(600))]), 1000));
});
