import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { parseConfig } from '../config/load-config.ts';
import { configSchema } from '../config/schema.ts';
import { DEFAULT_LIMITS } from '../image/layer/layer-limits.ts';
import { parseDuration } from '../lib/duration.ts';
import { byteSize } from '../lib/setting-values.ts';
import { configuredLimits, LIMIT_KEYS } from './configured-limits.ts';

const limitsIn = (text: string) =>
  configuredLimits(parseConfig(text, '.yaml', 'c.yaml').config.indexer.layer_limits);

describe('indexer.layer_limits', () => {
  it('changes what it names, and nothing else', () => {
    for (const text of ['', 'indexer: {layer_limits: }', 'indexer: {layer_limits: {}}'])
      assert.deepEqual(limitsIn(text), {});
    assert.deepEqual(
      limitsIn('indexer: {layer_limits: {unpacked_size: 8GiB, entries: 10, time: 90s, file_size: 4096}}'),
      { uncompressedBytes: 8 * 1024 ** 3, entries: 10, time: 90_000, fileBytes: 4096 },
    );
  });

  it('is documented with the defaults that there are', () => {
    const schema = JSON.parse(
      JSON.stringify(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' })),
    );
    const { anyOf } = schema.properties.indexer.properties.layer_limits;
    const { properties } = anyOf.find(({ type }: { type: string }) => type === 'object');
    assert.deepEqual(Object.keys(properties), Object.keys(LIMIT_KEYS));
    for (const [key, limit] of Object.entries(LIMIT_KEYS)) {
      const [, said = ''] = /\(default (\w+)\)/.exec(properties[key].description) ?? [];
      const value =
        key === 'time' ? parseDuration(said) : /^\d+$/.test(said) ? Number(said) : byteSize.parse(said);
      assert.equal(value, DEFAULT_LIMITS[limit], key);
    }
  });

  const mistakes: [value: string, want: RegExp][] = [
    ['unpacked_size: 0', /layer_limits\.unpacked_size: invalid value 0: expected a size: e\.g\. 512MiB/],
    ['unpacked_size: -1', /invalid value -1: expected a size/],
    ['unpacked_size: 64GB', /invalid value "64GB": expected a size/],
    ['unpacked_size: 1.5GiB', /invalid value "1\.5GiB": expected a size/],
    ['unpacked_size: 9000000TiB', /invalid value .*: expected a size/],
    ['unpacked_size: true', /invalid value true: expected a size/],
    ['file_size: 3GiB', /invalid value "3GiB": expected at most 2GiB/],
    ['entries: 0', /invalid value 0: expected at least 1/],
    ['time: 0s', /invalid value "0s": expected more than 0s/],
    ['unpacked_sise: 1GiB', /unknown key: did you mean unpacked_size/],
  ];
  for (const [value, want] of mistakes) {
    it(`refuses ${value}`, () =>
      assert.throws(() => limitsIn(`indexer: {layer_limits: {${value}}}`), {
        code: 'bad-config',
        message: want,
      }));
  }
});
