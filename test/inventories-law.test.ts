/** The law of lists: what is read in a folder of sources is told in an image, where nothing of it may be installed. */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { it } from 'node:test';
import { lawReaders } from '../scripts/fuzz/law/readers.ts';
import { inventories } from '../src/ecosystems/other/inventories.ts';
import { readSamples } from './ecosystems.fixture.ts';

/** Names that other things have, too: of an image only what is certain is told. */
const AMBIGUOUS = /^Manifest\.toml$/;

const lists = [...lawReaders([...(await readSamples()).values()]).values()].filter(
  ({ detector }) => detector.checkouts,
);

it('there are lists to tell of', () => assert.ok(lists.length > 15));

for (const { path } of lists) {
  const name = basename(path);
  if (AMBIGUOUS.test(name)) continue;
  for (const folder of ['', 'app/', 'usr/src/app/', 'srv/www/'])
    it(`${folder}${name}`, () =>
      assert.equal(
        inventories.wants!({ path: `${folder}${name}`, type: 'file', size: 1, mode: 0o644 }),
        true,
      ));
}
