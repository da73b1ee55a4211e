import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readHistory } from './layer-history.ts';

describe('history of an image', () => {
  const history = [
    { created_by: 'ADD base' },
    { created_by: 'ENV A=1', empty_layer: true },
    { comment: 'imported' },
    {},
  ];
  for (const [what, config, layers, want] of [
    ['names the command of each layer', { history }, 3, ['ADD base', 'imported', '']],
    ['is none for another number of layers', { history }, 2, []],
    ['is none where there is none', {}, 1, []],
    ['of the wrong shape is none', { history: [7] }, 1, []],
    ['of the wrong types says nothing', { history: [{ created_by: 7 }] }, 1, ['']],
  ] as const) {
    it(what, () => assert.deepEqual(readHistory(Buffer.from(JSON.stringify(config)), layers), want));
  }
  it('that is no JSON is none', () => assert.deepEqual(readHistory(Buffer.from('x'), 1), []));
});
