/** Law of every ecosystem: what an export says of an advisory is read back as the same advisory. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { debianRelease, ubuntuRelease } from '../src/ecosystems/deb/releases.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { amazonRelease, oracleRelease, rebuildRelease, slesRelease } from '../src/ecosystems/rpm/releases.ts';
import { readForeign } from '../src/formats/clair/vulnerability-wire.ts';
import { type Facts, recordWriter, textMembers } from '../src/matcher/offline/write-record.ts';
import type { Scope, VulnerabilityText } from '../src/model/advisory.ts';
import { NO_DISTRIBUTION } from '../src/model/package.ts';

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

/** How the feeds of a family fill an advisory. */
interface Family {
  readonly scope: Scope;
  readonly kind: Facts['kind'];
  readonly shape: 'fix' | 'interval' | 'query';
  readonly arches?: boolean;
}

const redHat = (key: string): Scope['repository'] => ({
  name: 'cpe:2.3:o:redhat:enterprise_linux:8:*:baseos:*:*:*:*:*',
  key,
  cpe: 'cpe:2.3:o:redhat:enterprise_linux:8:*:baseos:*:*:*:*:*',
});
const alpine = { ...NO_DISTRIBUTION, did: 'alpine', name: 'Alpine Linux', versionId: '3.18' };
const wolfi = { ...NO_DISTRIBUTION, did: 'wolfi', name: 'Wolfi' };

const FAMILIES: readonly Family[] = [
  {
    scope: { key: 'debian:12', distribution: debianRelease('12', 'bookworm') },
    kind: 'source',
    shape: 'fix',
  },
  {
    scope: { key: 'ubuntu:22.04', distribution: ubuntuRelease('22.04', 'jammy') },
    kind: 'binary',
    shape: 'fix',
  },
  { scope: { key: 'alpine:3.18', distribution: alpine }, kind: 'source', shape: 'fix' },
  { scope: { key: 'wolfi', distribution: wolfi }, kind: 'source', shape: 'fix' },
  { scope: { key: 'amzn:2', distribution: amazonRelease('2') }, kind: 'binary', shape: 'fix', arches: true },
  {
    scope: { key: 'ol:9', distribution: oracleRelease('9') },
    kind: 'binary',
    shape: 'interval',
    arches: true,
  },
  {
    scope: { key: 'sles:15', distribution: slesRelease('15') },
    kind: 'binary',
    shape: 'interval',
    arches: true,
  },
  {
    scope: { key: 'rocky:9', distribution: rebuildRelease('rocky', 'Rocky Linux', '9') },
    kind: 'source',
    shape: 'interval',
  },
  {
    scope: { key: `rhel-cpe:${redHat('')?.name}`, repository: redHat('rhel-cpe-repository')! },
    kind: 'binary',
    shape: 'fix',
  },
  {
    scope: { key: `rhcc-cpe:${redHat('')?.name}`, repository: redHat('rhcc-container-repository')! },
    kind: 'binary',
    shape: 'interval',
  },
  ...[
    ['pypi', 'query'],
    ['maven', 'query'],
    ['rubygems', 'query'],
    ['npm', 'interval'],
    ['go', 'interval'],
    ['crates.io', 'interval'],
    ['packagist', 'interval'],
    ['nuget', 'interval'],
  ].map(([name, shape]) => ({
    scope: { key: name!, repository: { name: name! } },
    kind: 'binary' as const,
    shape: shape as Family['shape'],
  })),
];

function advisories({ scope, kind, shape, arches }: Family): fc.Arbitrary<Facts> {
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
  for (const family of FAMILIES)
    it(`is the same: ${family.scope.key}`, () => {
      const write = recordWriter('a/feed', ecosystems, () => family.scope);
      fc.assert(
        fc.property(advisories(family), (facts) => {
          const foreign = readForeign(JSON.parse(write(facts, textMembers(TEXT)) ?? 'null'));
          const read = ecosystems
            .map(({ advisoriesOf }) => advisoriesOf?.(foreign) ?? [])
            .filter((all) => all.length);
          assert.equal(read.length, 1, 'exactly one ecosystem reads it');
          const [{ vulnerability, shownName: _, shownArch: __, ...rest } = assert.fail()] = read[0] ?? [];
          assert.deepEqual(rest, facts);
          assert.deepEqual(vulnerability, TEXT);
        }),
        { numRuns: 200 },
      );
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
        '"range":{"[":"semver:0.0.0.0.0.0.0.0.0.0",")":"semver:0.1.2.3.0.0.0.0.0.0"},"Self":{"Space":{},"Name":""},"Aliases":null}',
    );
  });
});
