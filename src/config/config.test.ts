import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDuration } from './duration.ts';
import { parseConfig } from './load-config.ts';

describe('parseDuration', () => {
  const cases: [string, number | undefined][] = [
    ['6h', 21_600_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['250ms', 250],
    ['-2s', -2000],
    ['0', 0],
    ['', undefined],
    ['6', undefined],
    ['6 h', undefined],
    ['h', undefined],
  ];
  for (const [text, want] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => assert.equal(parseDuration(text), want));
  }
});

describe('parseConfig', () => {
  it('fills in the defaults', () => {
    const config = parseConfig('', '.yaml', 'config.yaml');
    assert.equal(config.http_listen_addr, ':6060');
    assert.equal(config.matcher.period, 21_600_000);
    assert.equal(config.matcher.update_retention, 10);
  });
  for (const [given, want] of [
    [-1, 0],
    [0, 10],
    [1, 10],
    [2, 2],
  ]) {
    it(`turns update_retention ${given} into ${want}`, () => {
      const config = parseConfig(`matcher: {update_retention: ${given}}`, '.yaml', 'c.yaml');
      assert.equal(config.matcher.update_retention, want);
    });
  }
  it('names every wrong key', () => {
    assert.throws(() => parseConfig('indexer: {constring: x}\nmatcher: {period: soon}', '.yaml', 'c.yaml'), {
      code: 'bad-config',
      message: /conn?string.*matcher\.period: not a duration: "soon"/s,
    });
  });
  it('says where the YAML is broken', () => {
    assert.throws(() => parseConfig('a: [1', '.yaml', 'c.yaml'), {
      code: 'bad-config',
      message: /malformed file "c.yaml"/,
    });
  });
});
