import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { NOTHING, NodeTable, ROOT } from './node-table.ts';

describe('the table of nodes', () => {
  it('holds what a map of maps holds, and nothing of what was superseded', () => {
    const name = fc.oneof(
      fc.constantFrom('a', 'b', 'é', '𝕏', '..', ''),
      fc.string({ unit: 'grapheme', maxLength: 300 }),
    );
    const step = fc.record({
      directory: fc.nat(20),
      name,
      value: fc.integer(),
      how: fc.constantFrom('replace', 'supersede'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const table = new NodeTable(() => assert.fail('no search is long'));
        const directories = [ROOT];
        const model = new Map<number, Map<string, number>>();
        for (const { directory: which, name, value, how } of steps) {
          const directory = directories[which % directories.length]!;
          const known = model.get(directory) ?? new Map<string, number>();
          model.set(directory, known);
          const index = table.find(directory, name);
          assert.equal(index === NOTHING ? undefined : table.value(index), known.get(name));
          known.set(name, value);
          if (index === NOTHING) directories.push(table.add(directory, name, value));
          else if (how === 'replace') table.replace(index, value);
          else directories.push(table.supersede(index, name, value));
        }
        for (const [directory, known] of model) {
          assert.deepEqual(table.namesIn(directory).sort(), [...known.keys()].sort());
          for (const [name, value] of known) {
            const index = table.find(directory, name);
            assert.equal(table.value(index), value);
            assert.equal(table.name(index), name);
            assert.equal(table.directory(index), directory);
          }
        }
      }),
    );
  });

  it('takes no more than 64 bytes for each of very many files, and searches none of them long', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const used = () => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const before = used();
    const table = new NodeTable(() => assert.fail('no search is long'));
    const files = 300_000;
    for (let file = 0; file < files; file++) {
      const directory = table.find(ROOT, `d${file % 300}`);
      const place = directory === NOTHING ? table.add(ROOT, `d${file % 300}`, -2) : directory;
      const name = `script-${file}`;
      assert.equal(table.find(place, name), NOTHING);
      table.add(place, name, file);
    }
    const each = (used() - before) / files;
    assert.ok(each < 64, `${each} bytes`);
    assert.equal(table.value(table.find(table.find(ROOT, 'd7'), 'script-7')), 7);
  });
});
