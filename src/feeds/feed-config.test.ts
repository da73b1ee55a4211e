import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { httpUrl, readFeedConfig } from './feed-config.ts';

const Config = z.object({
  url: httpUrl.default('https://example.com/'),
  nested: z.object({ n: z.number() }).optional(),
});

describe('readFeedConfig', () => {
  for (const config of [undefined, null, {}, { other: 1 }]) {
    it(`has defaults for ${JSON.stringify(config)}`, () => {
      assert.deepEqual(readFeedConfig('x', Config, config), { url: 'https://example.com/' });
    });
  }
  it('takes http and https', () => {
    assert.equal(
      readFeedConfig('x', Config, { url: 'http://127.0.0.1:8080/a/' }).url,
      'http://127.0.0.1:8080/a/',
    );
  });

  const bad: [config: unknown, message: RegExp][] = [
    ['text', /^updaters\.config\.x: /],
    [{ url: 'file:///etc/passwd' }, /^updaters\.config\.x\.url: /],
    [{ url: 7, nested: { n: '' } }, /^updaters\.config\.x\.url: .*; x\.nested\.n: /],
  ];
  for (const [config, message] of bad) {
    it(`refuses ${JSON.stringify(config)}`, () => {
      assert.throws(() => readFeedConfig('x', Config, config), { code: 'bad-config', message });
    });
  }
});
