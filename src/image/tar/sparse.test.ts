import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readPax } from './pax.ts';
import { LeadingMap, MAX_REGIONS } from './sparse.ts';
import { TarReader } from './tar.ts';
import { entryOf } from './writer.fixture.ts';

const records = (...fields: [string, string][]): Buffer =>
  Buffer.concat(
    fields.map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      const length = [1, 2, 3, 4]
        .map((digits) => rest.length + digits)
        .find((n) => `${n}${rest}`.length === n);
      return Buffer.from(`${length}${rest}`);
    }),
  );

/** A sparse file of the old GNU format whose map goes on for so many blocks of 21 empty regions each. */
function oldMap(blocks: number): Buffer {
  const header = entryOf({
    ...{ name: 's', flag: 'S', gnu: true },
    patch(block) {
      block[482] = 1;
      block.write('00000000000', 483, 'latin1');
    },
  });
  const more = Buffer.alloc(512);
  for (let i = 0; i < 42; i++) more.write('00000000000', i * 12, 'latin1');
  more[504] = 1;
  const map = Buffer.concat([header, ...Array.from({ length: blocks }, () => more)]);
  map[map.length - 8] = 0;
  return map;
}

describe('the map of a sparse file has a limit', () => {
  it('in the old GNU format', () => {
    const most = Math.ceil(MAX_REGIONS / 21);
    const read = (blocks: number): string[] => {
      const names: string[] = [];
      new TarReader(({ name }) => void names.push(name)).write(oldMap(blocks));
      return names;
    };
    assert.deepEqual(read(most - 1), ['s']);
    assert.throws(() => read(most + 2), { code: 'bad-layer', message: /unreadable sparse map/ });
  });
  it('in PAX 0.0', () => {
    const map = (regions: number) =>
      records(
        ['GNU.sparse.size', '9'],
        ...Array.from({ length: regions }, (_, i): [string, string][] => [
          ['GNU.sparse.offset', String(i)],
          ['GNU.sparse.numbytes', '1'],
        ]).flat(),
      );
    assert.equal(readPax(map(3), 3)?.sparse?.map?.length, 3);
    assert.equal(readPax(map(4), 3), undefined);
  });
  it('in PAX 0.1', () => {
    const map = (list: string) => records(['GNU.sparse.size', '9'], ['GNU.sparse.map', list]);
    assert.equal(readPax(map('0,1,1,1,2,1'), 3)?.sparse?.map?.length, 3);
    assert.deepEqual(readPax(map(''), 3)?.sparse?.map, []);
    assert.deepEqual(readPax(map('10,2'), 3)?.sparse?.map, [{ offset: 10, length: 2 }]);
    const odd = [
      '0,',
      ',0',
      '0,,1',
      '0',
      'a,1',
      '-1,1',
      ' 0,1',
      '9007199254740992,1',
      `${'9'.repeat(400)},1`,
    ];
    for (const list of [...odd, '0,1,1,1,2,1,3', '0,1,1,1,2,1,3,1', '0,1,1,1,2,1,3,1,4,1'])
      assert.equal(readPax(map(list), 3), undefined, list);
  });
  it('in PAX 1.0, told by its count', () => {
    const take = (count: number) => {
      const block = Buffer.alloc(512, '0\n');
      block.write(`${count}\n`.padStart(8, '0'));
      return new LeadingMap().take(block);
    };
    assert.equal(take(MAX_REGIONS), 'more');
    assert.equal(take(MAX_REGIONS + 1), 'bad');
  });
});
