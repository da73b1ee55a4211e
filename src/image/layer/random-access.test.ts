import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Entry } from '../../contract/detector.ts';
import { byteOrder, cleanPath } from '../tar/clean-path.ts';
import { memoryFile, readerFile } from './random-access.ts';

const WINDOW = 256 * 1024;
const entry: Entry = { path: 'x', type: 'file', size: 0, mode: 0o755 };

describe('random access', () => {
  const content = Buffer.alloc(3 * WINDOW + 100);
  const needle = Buffer.from('needle');
  for (const at of [0, 5, WINDOW - 6, WINDOW - 3, WINDOW, 2 * WINDOW - 1, content.length - 6]) {
    const here = Buffer.from(content);
    needle.copy(here, at);
    const reader = readerFile(entry, here.length, (into, offset) => here.copy(into, 0, offset));
    it(`finds a needle at ${at}`, () => {
      for (const file of [memoryFile(entry, here), reader]) {
        assert.equal(file.indexOf(needle), at);
        assert.equal(file.indexOf(needle, at), at);
        assert.equal(file.indexOf(needle, at + 1), -1);
        assert.deepEqual(file.read(at, 6), needle);
      }
    });
  }
  it('reads nothing from where nothing is', () => {
    const small = Buffer.from('abc');
    for (const file of [
      memoryFile(entry, small),
      readerFile(entry, 3, (into, offset) => small.copy(into, 0, offset)),
    ]) {
      assert.equal(file.read(1, 99).toString(), 'bc');
      for (const [offset, length] of [
        [3, 1],
        [99, 1],
        [2 ** 60, 5],
        [0, -1],
        [0, Number.NaN],
        [-1, 2],
        [Number.NaN, 2],
      ] as const) {
        assert.equal(file.read(offset, length).length, 0, `${offset} ${length}`);
      }
      assert.equal(file.indexOf(Buffer.from('abcd')), -1);
      assert.equal(file.indexOf(Buffer.from('a'), 99), -1);
    }
  });
});

describe('clean path', () => {
  for (const [name, want] of [
    ['a/b', 'a/b'],
    ['./a', 'a'],
    ['/a/', 'a'],
    ['.//./a', 'a'],
    ['', ''],
    ['.', ''],
    ['./', ''],
    ['/', ''],
    ['..', ''],
    ['../../a', 'a'],
    ['a/../b', 'b'],
    ['a/..', ''],
    ['a//b', 'a/b'],
    ['a/./b', 'a/b'],
    ['a/.hidden', 'a/.hidden'],
    ['..a', '..a'],
    ['a/..b', 'a/..b'],
    ['.a', '.a'],
    ['a/.', 'a'],
  ] as const) {
    it(`${name || 'nothing'} is ${want || 'the root'}`, () => assert.equal(cleanPath(name), want));
  }
  it('never leaves the root, and is clean at once', () => {
    const name = fc
      .array(fc.constantFrom('a', '.', '..', '/', '//', 'b.c', '...'), { maxLength: 12 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(name, (text) => {
        const clean = cleanPath(text);
        assert.equal(cleanPath(clean), clean);
        assert.ok(clean === '' || clean.split('/').every((part) => !['', '.', '..'].includes(part)), clean);
      }),
    );
  });
  it('orders as bytes do', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        assert.equal(byteOrder(a, b), Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});
