import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { tarOf } from './tar.fixture.ts';
import { tarMembers } from './tar-members.ts';

async function read(
  tar: Buffer,
  { piece = 1000, limit = 10_000, wanted = (_: string): boolean => true } = {},
): Promise<{ files: [string, string][]; tooBig: string[] }> {
  const tooBig: string[] = [];
  async function* chunks() {
    for (let at = 0; at < tar.length; at += piece) yield tar.subarray(at, at + piece);
  }
  const files: [string, string][] = [];
  const members = tarMembers(chunks(), wanted, { member: limit, tooBig: (path) => tooBig.push(path) });
  for await (const { path, text } of members) files.push([path, text]);
  return { files, tooBig };
}

const long = `${'d'.repeat(120)}/${'f'.repeat(120)}.json`;

describe('tarMembers', () => {
  for (const piece of [1, 511, 512, 100_000]) {
    it(`gives files in pieces of ${piece}`, async () => {
      const { files } = await read(
        tarOf([
          ['a', 'x'],
          ['empty', ''],
          [long, 'y'.repeat(3000)],
        ]),
        { piece },
      );
      assert.deepEqual(files, [
        ['a', 'x'],
        ['empty', ''],
        [long, 'y'.repeat(3000)],
      ]);
    });
  }

  for (const end of ['plain', 'caf\u00e9 \u00a9 \u00ff', '\u0100', '\u{1f600}', '\ufeffx']) {
    it(`reads the text of a big member that ends with ${JSON.stringify(end)}`, async () => {
      const big = 'z'.repeat(1.5 * 1024 * 1024) + end;
      const tar = tarOf([
        ['big', big],
        ['after', end],
      ]);
      const { files } = await read(tar, { piece: 65_536, limit: 2 * 1024 * 1024 });
      assert.ok(files[0]![1] === big);
      assert.deepEqual(files[1], ['after', end]);
    });
  }

  it('reads a big member that is no UTF-8 as Node does', async () => {
    for (const bytes of [[0xc3], [0xc2, 0x41], [0xe2, 0x82], [0xff, 0xc3, 0xa9]]) {
      const big = Buffer.concat([Buffer.alloc(1.5 * 1024 * 1024, 'z'), Buffer.from(bytes)]);
      const { files } = await read(tarOf([['big', big]]), { piece: 65_536, limit: 2 * 1024 * 1024 });
      assert.ok(files[0]![1] === big.toString());
    }
  });

  it('skips what is not wanted, and what is too big', async () => {
    const tar = tarOf([
      ['a', 'x'],
      ['big', 'y'.repeat(2000)],
      ['b', 'z'],
    ]);
    assert.deepEqual(await read(tar, { limit: 1000, wanted: (path) => path !== 'a' }), {
      files: [['b', 'z']],
      tooBig: ['big'],
    });
  });

  it('says that an archive is cut off, or none', async () => {
    const tar = tarOf([['a', 'x'.repeat(5000)]]);
    await assert.rejects(read(tar.subarray(0, 3000)), { code: 'feed' });
    await assert.rejects(read(tar.subarray(0, 100)), { code: 'feed' });
    await assert.rejects(read(Buffer.from('<html>'.repeat(200))), { code: 'feed' });
    assert.deepEqual((await read(Buffer.alloc(0))).files, []);
  });

  it('ends whatever the bytes are', async () => {
    const tar = tarOf([
      ['a', 'x'],
      [long, 'y'.repeat(600)],
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(tar.length - 1), fc.nat(255)), { maxLength: 8 }),
        async (changes) => {
          const mutated = Buffer.from(tar);
          for (const [at, byte] of changes) mutated[at] = byte;
          try {
            await read(mutated);
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'feed');
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
