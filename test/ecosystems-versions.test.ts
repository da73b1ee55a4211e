/** The laws of version schemes, for every ecosystem and over the texts of all of them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ecosystems } from '../src/ecosystems/index.ts';
import { versionSchemeLaws } from '../src/ecosystems/version-laws.fixture.ts';

describe('versions', () => {
  const texts = [
    ...[
      '0',
      '0.0.1',
      '1',
      '1.0',
      '1.0.0',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-beta',
      '1.0.0-rc.1',
      '1.0.1',
    ],
    ...[
      '1.2.3',
      '1.10.0',
      '2',
      '2.0.0',
      '10.0.0',
      '1.0a1',
      '1.0.dev1',
      '1.0.post1',
      '1:1.0',
      '1.0~rc1',
      '1.0-1',
    ],
    ...['1.0-r1', '1.0_p1', '1.0-1ubuntu1', 'v1.0.0', 'v1.2.3-0.20200101000000-abcdefabcdef', '20240101'],
  ];
  const mixed = fc
    .tuple(fc.constantFrom(...texts), fc.constantFrom('', '', '.1', '-2', '~a', '+b', '_p3', 'rc1'))
    .map((parts) => parts.join(''));
  for (const { id, versions, fallback } of ecosystems) {
    if (fallback) continue; // it orders nothing
    describe(`of ${id}`, () => {
      it('are read', () => {
        assert.ok(texts.filter((text) => versions.parse(text) !== undefined).length > 5);
      });
      versionSchemeLaws(versions, mixed, { numRuns: 300 });
    });
  }
});
