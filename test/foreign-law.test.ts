/** Law of every ecosystem: what an export says of an advisory is read back as the same advisory. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Said } from '../src/contract/sample.fixture.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { ecosystemOfScope } from '../src/ecosystems/scopes.ts';
import { readForeign } from '../src/formats/clair/vulnerability-wire.ts';
import { type Facts, recordWriter, textMembers } from '../src/matcher/offline/write-record.ts';
import type { VulnerabilityText } from '../src/model/advisory.ts';
import { readSamples } from './ecosystems.fixture.ts';

const SAMPLES = await readSamples();

const TEXT: VulnerabilityText = {
  name: 'CVE-2024-0001',
  description: 'a <flaw> & more\u2028',
  issued: '2024-01-02T03:04:05Z',
  links: 'https://example.com/CVE-2024-0001',
  severity: 'low',
  normalizedSeverity: 'Low',
};

const version = fc.stringMatching(/^[1-9]\.[0-9]{1,3}\.[0-9]{1,2}(-0|-rc1|-1)?$/);
const word = fc.stringMatching(/^[a-z][a-z0-9]{0,9}(-[a-z0-9]+)?$/);

function advisories({ scope, kind, shape, arches }: Said): fc.Arbitrary<Facts> {
  return fc
    .record({
      name: word,
      from: fc.option(version, { nil: undefined }),
      end: fc.constantFrom('below', 'upTo', 'none', 'limit'),
      to: version,
      arch: fc.constantFrom(undefined, ['x86_64'], ['aarch64', 'x86_64']),
    })
    .map(({ name, from, end, to, arch }) => {
      const isFix = shape === 'fix';
      const bounds = {
        ...(from !== undefined && !isFix && { from }),
        ...((end === 'below' || (end === 'limit' && !isFix)) && { below: to }),
        ...(end === 'upTo' && !isFix && { upTo: to }),
      };
      const query = Object.entries({
        fixed: bounds.below,
        introduced: bounds.from,
        lastAffected: bounds.upTo,
      })
        .flatMap(([key, text]) => (text === undefined ? [] : [`${key}=${text}`]))
        .join('&');
      const text = bounds.below === undefined || end === 'limit' ? '' : to;
      return {
        scope: scope.key,
        name,
        kind,
        ...bounds,
        ...(arches && arch && { arches: arch }),
        fixedInVersion: shape === 'query' && end !== 'limit' ? query : text,
      };
    });
}

describe('an advisory that is exported and read back', () => {
  for (const { of: id, says } of SAMPLES.values()) {
    it(`has an example of each feed of ${id}`, () => {
      const sets = ecosystems.find((each) => each.id === id)?.feeds.map(({ set }) => set) ?? [];
      assert.deepEqual(Object.keys(says).sort(), [...new Set(sets)].sort());
      for (const [set, all] of Object.entries(says)) assert.ok(all.length > 0, set);
    });

    for (const said of Object.values(says).flat()) {
      it(`is the same, and of ${id}: ${said.scope.key}`, () => {
        assert.equal(ecosystemOfScope(ecosystems, said.scope.key)?.id, id);
        const write = recordWriter('a/feed', ecosystems, () => said.scope);
        fc.assert(
          fc.property(advisories(said), (facts) => {
            const foreign = readForeign(JSON.parse(write(facts, textMembers(TEXT)) ?? 'null'));
            const read = ecosystems.flatMap(({ id: by, advisoriesOf }) =>
              advisoriesOf(foreign).map((advisory) => ({ by, advisory })),
            );
            assert.deepEqual(
              read.map(({ by }) => by),
              [id],
              'it alone reads it',
            );
            const { vulnerability, shownName: _, shownArch: __, ...rest } = read[0]!.advisory;
            assert.deepEqual(rest, facts);
            assert.deepEqual(vulnerability, TEXT);
          }),
          { numRuns: 200 },
        );
      });
    }
  }

  it('is of an ecosystem with feeds, or no ecosystem has them', () => {
    const without = ecosystems.filter(({ id, feeds }) => feeds.length > 0 && !SAMPLES.has(id));
    assert.deepEqual(without, []);
  });

  it('does not say that something is not affected: 1.5.52 would take it for the opposite', () => {
    const write = recordWriter('a/feed', ecosystems, () => undefined);
    const facts: Facts = {
      scope: 'x',
      name: 'a',
      kind: 'binary',
      fixedInVersion: '',
      assertsUnaffected: true,
    };
    assert.equal(write(facts, textMembers(TEXT)), undefined);
  });

  it('has the members of 1.5.52 in their order', () => {
    const write = recordWriter('osv/npm', ecosystems, () => ({
      repository: { name: 'npm', uri: 'https://www.npmjs.com/' },
    }));
    const facts: Facts = {
      scope: 'npm',
      name: 'left-pad',
      kind: 'binary',
      below: '1.2.3',
      fixedInVersion: '1.2.3',
    };
    assert.equal(
      write(facts, textMembers({ ...TEXT, description: 'd' })),
      '{"id":"","updater":"osv/npm","name":"CVE-2024-0001","description":"d","issued":"2024-01-02T03:04:05Z",' +
        '"links":"https://example.com/CVE-2024-0001","severity":"low","normalized_severity":"Low",' +
        '"package":{"id":"","name":"left-pad","version":"","kind":"binary","normalized_version":"","cpe":"","detector":null},' +
        '"repository":{"name":"npm","uri":"https://www.npmjs.com/","cpe":""},"fixed_in_version":"1.2.3",' +
        '"range":{"[":"semver:0.0.0.0.0.0.0.0.0.0",")":"semver:0.1.2.3.0.0.0.0.0.0"},"Self":{"Name":""},"Aliases":null}',
    );
  });
});
