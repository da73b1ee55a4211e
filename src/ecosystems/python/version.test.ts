import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { normalizedPep440, type Pep440, parsePep440, pep440, publicVersion } from './version.ts';

/** Written by scripts/gen-vectors-pep440.py from what Python's `packaging` says. */
const vectors = readFileSync(new URL('fixtures/pep440.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\t'));

function parse(text: string): Pep440 {
  return parsePep440(text) ?? assert.fail(`${JSON.stringify(text)} is a version`);
}

const signs: Readonly<Record<string, number>> = { '<': -1, '=': 0, '>': 1 };

describe('PEP 440', () => {
  it('reads and normalises as Python does', () => {
    const cases = vectors.filter((fields) => fields.length === 2);
    assert.ok(cases.length > 500);
    for (const [text = '', want = ''] of cases) {
      const version = parsePep440(text);
      const shown =
        version && publicVersion(version) + (version.local.length > 0 ? `+${version.local.join('.')}` : '');
      assert.equal(shown ?? '!', want, JSON.stringify(text));
    }
  });

  it('orders as Python does, by compare and by key', () => {
    const cases = vectors.filter((fields) => fields.length === 3);
    assert.ok(cases.length > 3000);
    for (const [left = '', sign = '', right = ''] of cases) {
      const [a, b] = [parse(left), parse(right)];
      assert.equal(Math.sign(pep440.compare(a, b)), signs[sign], `${left} ${sign} ${right}`);
      assert.equal(Buffer.compare(pep440.key(a)!, pep440.key(b)!), signs[sign], `${left} ${sign} ${right}`);
    }
  });

  it('reads any text, and the normal form of what it reads is the same version', () => {
    const pieces = fc.constantFrom(
      '1',
      '0',
      '.',
      '-',
      '_',
      '!',
      'v',
      'a',
      'rc',
      'post',
      'dev',
      '+',
      'x',
      ' ',
    );
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 20 }).map((parts) => parts.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (candidate) => {
        const version = parsePep440(candidate);
        if (version === undefined) return;
        const again = parse(publicVersion(version));
        assert.equal(pep440.compare({ ...version, local: [] }, again), 0);
        assert.match(normalizedPep440(version), /^pep440:\d+(\.-?\d+){9}$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes no time over hostile text', () => {
    for (const text of [
      '1.'.repeat(250),
      `1${'.0'.repeat(250)}x`,
      '9'.repeat(500),
      `1+${'a.'.repeat(250)}`,
    ]) {
      parsePep440(text);
    }
    assert.equal(parsePep440('1'.repeat(513)), undefined);
  });
});

describe('the ten integers of Clair', () => {
  const cases: [string, string][] = [
    ['1.2.3', '0.1.2.3.0.0.0.0.0.0'],
    ['1!2.0.dev3', '1.2.0.0.0.0.-2147483645.0.0.0'],
    ['1.0.post1', '0.1.0.0.0.0.0.0.1.0'],
    ['3.2rc1', '0.3.2.0.0.0.-1.1.0.0'],
    ['1a2.post3.dev4', '0.1.0.0.0.0.-3.2.3.-4'],
    ['1b2', '0.1.0.0.0.0.-2.2.0.0'],
    ['1.2.3.4.5.6', '0.1.2.3.4.5.0.0.0.0'],
    ['20240101120000', '0.2147483647.0.0.0.0.0.0.0.0'],
  ];
  for (const [text, want] of cases) {
    it(text, () => assert.equal(normalizedPep440(parse(text)), `pep440:${want}`));
  }
});
