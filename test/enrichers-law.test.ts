/** An enricher is a folder and one line in one list: whatever else knows one by name stops the next one. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { enrichers } from '../src/enrichers/index.ts';
import { ROOT, readSources } from './imports.ts';

const LIST = 'src/enrichers/list.ts';
const sources = readSources('src');

describe('the list of enrichers', () => {
  const listed = (sources.find(({ path }) => path === LIST)?.imports ?? []).map(({ target }) => target);

  it('has every folder of src/enrichers exactly once', () => {
    const folders = readdirSync(join(ROOT, 'src/enrichers'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    assert.deepEqual(listed.map(folderOf).sort(), folders.sort());
  });

  it('has them in the order of their names, each once', () => {
    const names = enrichers.map(({ name }) => name);
    assert.equal(names.length, listed.length);
    assert.deepEqual(names, [...new Set(names)].sort());
  });

  it('is all that other rooms know of an enricher', () => {
    const named = sources
      .filter(({ path }) => folderOf(path) === undefined && !/\.(test|fixture)\.ts$/.test(path))
      .flatMap(({ path, imports }) =>
        imports
          .filter(({ target }) => folderOf(target) !== undefined)
          .map(({ target }) => `${path} -> ${target}`),
      );
    assert.deepEqual(named.sort(), listed.map((target) => `${LIST} -> ${target}`).sort());
  });
});

function folderOf(path: string): string | undefined {
  return /^src\/enrichers\/([^/]+)\//.exec(path)?.[1];
}
