/** What holds for every version scheme (src/contract/ecosystem.ts), as tests. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { VersionScheme } from '../contract/version-scheme.ts';
import { assertNoSquare } from '../lib/growth.fixture.ts';

export interface LawOptions {
  /** How often each law is tried. */
  readonly numRuns?: number;
}

/**
 * Registers the laws of `scheme` as tests; `texts` makes texts of which most are versions: keys in byte order are versions
 * in order, the order is a total preorder, and any text is read or refused in little time.
 */
export function versionSchemeLaws<V>(
  scheme: VersionScheme<V>,
  texts: fc.Arbitrary<string>,
  { numRuns = 1000 }: LawOptions = {},
): void {
  const versions = texts
    .map((text) => ({ text, version: scheme.parse(text) }))
    .filter(({ version }) => version !== undefined) as fc.Arbitrary<{ text: string; version: V }>;
  const keyed = versions.filter(({ version }) => scheme.key(version) !== undefined);
  const sign = (a: V, b: V): number => Math.sign(scheme.compare(a, b));

  it('law: keys in byte order are versions in order', () => {
    fc.assert(
      fc.property(keyed, keyed, (a, b) => {
        const byKey = Buffer.compare(scheme.key(a.version)!, scheme.key(b.version)!);
        assert.equal(byKey, sign(a.version, b.version), `${a.text} and ${b.text}`);
      }),
      { numRuns },
    );
  });

  it('law: versions are compared the same way from both sides', () => {
    fc.assert(
      fc.property(versions, versions, (a, b) => {
        assert.equal(sign(a.version, b.version) + sign(b.version, a.version), 0, `${a.text} and ${b.text}`);
        assert.equal(sign(a.version, a.version), 0, a.text);
      }),
      { numRuns },
    );
  });

  it('law: the order is transitive', () => {
    fc.assert(
      fc.property(fc.array(keyed, { minLength: 3, maxLength: 6 }), (all) => {
        const sorted = all.toSorted((a, b) => scheme.compare(a.version, b.version));
        for (const [at, a] of sorted.entries()) {
          for (const b of sorted.slice(at)) {
            assert.ok(sign(a.version, b.version) <= 0, `${a.text} and ${b.text}`);
          }
        }
      }),
      { numRuns: Math.ceil(numRuns / 2) },
    );
  });

  it('law: equal texts are equal versions', () => {
    fc.assert(
      fc.property(versions, ({ text, version }) => {
        const again = scheme.parse(text);
        assert.ok(again !== undefined && sign(version, again) === 0);
        assert.deepEqual(scheme.key(version), scheme.key(again));
      }),
      { numRuns: 100 },
    );
  });

  it('law: any text is read or refused, in little time', () => {
    const read = (text: string): void => {
      const version = scheme.parse(text);
      if (version !== undefined) scheme.key(version);
    };
    fc.assert(fc.property(fc.oneof(fc.string({ maxLength: 600 }), texts), read));
    for (const part of ['1', '1.', '-', '-1', ' ', '1:', '~', '_p', 'a', '1a', '.a', 'é']) {
      read(`1${part.repeat(200)}`); // what doubles with each part never ends
      assertNoSquare((size) => read(part.repeat(size)), 8000);
      assertNoSquare((size) => read(`1${part.repeat(size)}!`), 8000);
    }
  });
}
