import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { VersionScheme } from '../contract/version-scheme.ts';
import { keyRangeOf, versionKeys } from './version-keys.ts';

/** Reads digits; its keys begin with `id`. `asked` counts what was read. */
function schemeOf(id: string, asked: string[] = []): VersionScheme<string> {
  return {
    id,
    parse(text) {
      asked.push(text);
      return /^\d+$/.test(text) ? text : undefined;
    },
    compare: (a, b) => Number(a) - Number(b),
    key: (version) => Buffer.from(`${id}${version}`),
  };
}

describe('the memo of version keys', () => {
  it('keeps schemes apart', () => {
    const keyOf = versionKeys();
    const [one, two] = [schemeOf('one'), schemeOf('two')];
    const unreadable = { ...schemeOf('three'), parse: () => undefined };
    for (let round = 0; round < 2; round++) {
      assert.equal(String(keyOf(one, '1')), 'one1');
      assert.equal(String(keyOf(two, '1')), 'two1');
      assert.equal(keyOf(unreadable, '1'), undefined);
    }
    // No text is another one's scheme.
    assert.equal(String(keyOf(schemeOf(''), '1')), '1');
    assert.equal(String(keyOf(schemeOf('1'), '')), 'undefined');
  });
  it('reads a text once, and does not grow without end', () => {
    const asked: string[] = [];
    const [keyOf, scheme] = [versionKeys(), schemeOf('s', asked)];
    for (let i = 0; i < 2; i++) for (const text of ['1', 'x']) keyOf(scheme, text);
    assert.deepEqual(asked, ['1', 'x'], 'also that it cannot be read is remembered');
    for (let i = 0; i < 10_000; i++) keyOf(scheme, String(i));
    asked.length = 0;
    keyOf(scheme, '1');
    assert.deepEqual(asked, ['1']);
  });
});

describe('the bounds of an advisory as keys', () => {
  const texts = (bounds: Parameters<typeof keyRangeOf>[2]) => {
    const { lo, hi, undecided } = keyRangeOf(versionKeys(), schemeOf(''), bounds);
    return [lo && String(lo), hi && String(hi), undecided];
  };
  for (const [bounds, want] of [
    [{}, [undefined, undefined, false]],
    [{ from: '1' }, ['1', undefined, false]],
    [{ below: '2' }, [undefined, '2', false]],
    [{ upTo: '2' }, [undefined, '2\0', false]],
    [{ from: '1', below: '2' }, ['1', '2', false]],
    [{ from: 'x' }, [undefined, undefined, true]],
    [{ below: 'x' }, [undefined, undefined, true]],
    [{ upTo: 'x' }, [undefined, undefined, true]],
    [{ from: 'x', below: '2' }, [undefined, '2', true]],
    [{ from: 'x', upTo: '2' }, [undefined, '2\0', true]],
    [{ from: '1', below: 'x' }, ['1', undefined, true]],
    [{ from: '1', upTo: 'x' }, ['1', undefined, true]],
    [{ from: '', below: '2' }, [undefined, '2', true]],
  ] as const) {
    it(JSON.stringify(bounds), () => assert.deepEqual(texts(bounds), want));
  }
});
