import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PathDigests, pathDigest, readPathDigests } from './path-digests.ts';

const name = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !text.includes('/'));

describe('PathDigests', () => {
  it('has what was added, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.array(name, { maxLength: 3 }), name, fc.boolean())),
        name,
        (entries, other) => {
          const digests = new PathDigests();
          const added = entries.map(([folders, base, isDirectory]) => {
            const folder = folders.join('/');
            digests.add(folder, base, isDirectory);
            return `${folder === '' ? '' : `${folder}/`}${base}${isDirectory ? '/' : ''}`;
          });
          const has = readPathDigests(digests.toText());
          for (const path of added) assert.ok(has(pathDigest(path)), path);
          const absent = `other/${other}`;
          assert.equal(has(pathDigest(absent)), added.includes(absent));
        },
      ),
    );
  });

  it('tells many paths apart', () => {
    const seen = new Set<number>();
    for (let each = 0; each < 200_000; each++)
      seen.add(pathDigest(`usr/lib/python3/dist-packages/p${each}/x.py`));
    assert.equal(seen.size, 200_000);
  });

  it('reads nothing as nothing', () => {
    assert.equal(readPathDigests('')(pathDigest('a')), false);
    assert.equal(readPathDigests(new PathDigests().toText())(0), false);
  });
});
