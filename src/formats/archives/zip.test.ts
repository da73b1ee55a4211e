import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { makeZip } from './zip.fixture.ts';
import { openZip, type Zip, type ZipLimits } from './zip.ts';

function open(bytes: Buffer, limits?: ZipLimits): Zip {
  return openZip((offset, length) => bytes.subarray(offset, offset + length), bytes.length, limits);
}

function unzip(bytes: Buffer, limit = 1 << 20): Record<string, string> {
  const zip = open(bytes);
  return Object.fromEntries(
    [...zip.entries()].map((entry) => [entry.name, zip.readEntry(entry, limit).toString()]),
  );
}

const members = [
  { name: 'a/', content: '', method: 0 },
  { name: 'a/stored.txt', content: 'stored', method: 0 },
  { name: 'a/deflated.txt', content: 'deflated '.repeat(1000) },
  { name: 'ünïcode', content: '' },
];
const content = {
  'a/': '',
  'a/stored.txt': 'stored',
  'a/deflated.txt': 'deflated '.repeat(1000),
  ünïcode: '',
};
const inner = makeZip({ members: [{ name: 'inner.txt', content: 'inner' }] });

describe('openZip reads', () => {
  const script = Buffer.from('#!/bin/sh\nexec java -jar "$0"\n');
  const cases: [string, Buffer, Record<string, string>][] = [
    ['stored and deflated members', makeZip({ members }), content],
    ['zip64', makeZip({ members, zip64: true }), content],
    ['a comment', makeZip({ members, comment: 'x'.repeat(0xffff) }), content],
    ['an archive behind a launcher script', makeZip({ members, prefix: script }), content],
    ['zip64 behind a launcher script', makeZip({ members, prefix: script, zip64: true }), content],
    ['an archive with bytes after it', Buffer.concat([makeZip({ members }), Buffer.from('\n\n')]), content],
    ['an empty archive', makeZip({ members: [] }), {}],
    [
      'more members than 16 bits count, and a directory of many chunks',
      makeZip({
        members: Array.from({ length: 65_538 }, (_, i) => ({ name: `${i}`, content: '', method: 0 })),
      }),
      Object.fromEntries(Array.from({ length: 65_538 }, (_, i) => [`${i}`, ''])),
    ],
  ];
  for (const [name, bytes, want] of cases) it(name, () => assert.deepEqual(unzip(bytes), want));

  it('an archive in an archive', () => {
    const zip = open(makeZip({ members: [{ name: 'in.jar', content: inner, method: 0 }] }));
    const [entry] = [...zip.entries()];
    assert.deepEqual(unzip(zip.readEntry(entry!, 1 << 20)), { 'inner.txt': 'inner' });
  });
});

describe('openZip refuses', () => {
  const one = { name: 'x', content: 'some content' };
  const stored = [
    { name: 'in.jar', content: inner, method: 0 },
    { name: 'z', content: 'z' },
  ];
  const nested = makeZip({ members: stored });
  const cut = (text: string, by: number): Buffer =>
    nested.subarray(0, nested.indexOf(text, 0, 'latin1') + by);
  const cases: [string, Buffer, RegExp][] = [
    ['no archive', Buffer.from('hello'), /no central directory/],
    ['nothing', Buffer.alloc(0), /no central directory/],
    ['an archive that is cut short', makeZip({ members }).subarray(0, -30), /no central directory/],
    ['one cut right after a stored archive', cut('PK\x05\x06', 22), /no central directory/],
    ['one cut somewhere after a stored archive', cut('PK\x05\x06', 30), /no central directory/],
    ['encryption', makeZip({ members: [{ ...one, flags: 1 }] }), /encrypted/],
    ['other compression', makeZip({ members: [{ ...one, method: 12 }] }), /method 12/],
    ['a wrong checksum', makeZip({ members: [{ ...one, crc: 1 }] }), /damaged/],
    ['a wrong checksum of nothing', makeZip({ members: [{ name: 'x', content: '', crc: 1 }] }), /damaged/],
    ['more content than said', makeZip({ members: [{ ...one, size: 5 }] }), /damaged/],
    ['less content than said', makeZip({ members: [{ ...one, size: 50 }] }), /damaged/],
    ['an impossible size', makeZip({ members: [{ ...one, size: 1_000_000 }] }), /impossible size/],
    ['big members', makeZip({ members: [{ name: 'x', content: 'y'.repeat(2 << 20) }] }), /exceeds the limit/],
  ];
  for (const [name, bytes, want] of cases) it(name, () => assert.throws(() => unzip(bytes), want));

  it('too many members', () => {
    assert.throws(() => [...open(makeZip({ members }), { entries: 3 }).entries()], /more than 3/);
    assert.equal([...open(makeZip({ members }), { entries: 4 }).entries()].length, 4);
  });

  it('too much altogether', () => {
    const zip = open(makeZip({ members }), { total: 9005 });
    assert.throws(() => [...zip.entries()].map((entry) => zip.readEntry(entry, 1 << 20)), /together/);
  });

  it('a directory that lacks members', () => {
    const bytes = makeZip({ members });
    bytes.writeUInt16LE(5, bytes.length - 12);
    assert.throws(() => unzip(bytes), /missing/);
  });
});

describe('openZip and damage', () => {
  const sound = [
    makeZip({ members }),
    makeZip({ members, zip64: true, prefix: Buffer.from('#!') }),
    makeZip({ members: [{ name: 'in.jar', content: inner, method: 0 }] }),
  ];
  const survives = (bytes: Buffer): void => {
    try {
      unzip(bytes);
    } catch (error) {
      assert.match((error as Error).message, /^zip: /);
    }
  };

  it('says so, whatever bytes are changed', () => {
    const change = fc.tuple(fc.nat(100_000), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.constantFrom(...sound), fc.array(change, { maxLength: 6 }), (archive, changes) => {
        const bytes = Buffer.from(archive);
        for (const [offset, value] of changes) bytes[offset % bytes.length] = value;
        survives(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('says so, wherever it is cut', () => {
    for (const archive of sound) {
      for (let length = 0; length < archive.length; length++) {
        assert.throws(() => unzip(archive.subarray(0, length)), /^Error: zip: /);
      }
    }
  });

  it('reads random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => survives(Buffer.from(bytes))),
      { numRuns: 500 },
    );
  });
});
