import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Advisory, UNREADABLE_BOUND } from '../../model/advisory.ts';
import { compareSemver, parseSemver, type Semver, semverKey } from '../versions/semver.ts';
import type { OsvOptions } from './options.ts';
import { advisoriesOf } from './record.ts';

const options: OsvOptions = {
  dump: 'Wares',
  scope: { key: 'wares' },
  versions: {
    id: 'semver',
    parse: (text) => parseSemver(text),
    compare: (a, b) => compareSemver(a as Semver, b as Semver),
    key: (v) => semverKey(v as Semver),
  },
  normaliseName: (name) => name.toLowerCase(),
  ranges: ['ECOSYSTEM'],
  encodeFixed: 'query',
};

const affected = {
  package: { ecosystem: 'Wares', name: 'Widget' },
  ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.2.0' }] }],
};

const record = {
  id: 'WARE-1',
  summary: 'Widgets explode',
  details: 'At length.',
  published: '2024-02-03T04:05:06Z',
  aliases: ['CVE-2024-1', 'GHSA-x'],
  references: [
    { type: 'WEB', url: 'https://example.com/a b' },
    { type: 'FIX', url: 'https://example.com/fix' },
  ],
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' }],
  affected: [affected],
};

function read(
  json: unknown,
  changed: Partial<OsvOptions> = {},
): { advisories: Advisory[]; problems: string[] } {
  const problems: string[] = [];
  const context = { now: new Date('2025-01-01'), problem: (reason: string) => problems.push(reason) };
  return { advisories: advisoriesOf(json, { ...options, ...changed }, context), problems };
}

it('makes an advisory of a record', () => {
  const { advisories, problems } = read(record);
  assert.deepEqual(problems, []);
  assert.deepEqual(advisories, [
    {
      scope: 'wares',
      name: 'widget',
      kind: 'binary',
      below: '1.2.0',
      shownName: 'Widget',
      fixedInVersion: 'fixed=1.2.0',
      vulnerability: {
        name: 'WARE-1',
        description: 'Widgets explode',
        issued: '2024-02-03T04:05:06Z',
        links:
          'https://example.com/a%20b https://example.com/fix https://osv.dev/vulnerability/CVE-2024-1 https://osv.dev/vulnerability/GHSA-x',
        severity: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H',
        normalizedSeverity: 'High',
        aliases: ['CVE-2024-1', 'GHSA-x'],
      },
    },
  ]);
});

describe('fixed_in_version', () => {
  const cases: [object[], string, string][] = [
    [[{ introduced: '0' }], '', ''],
    [[{ introduced: '1.0.0' }], 'introduced=1.0.0', ''],
    [[{ introduced: '1.0.0' }, { fixed: '2.0.0+x' }], 'fixed=2.0.0%2Bx&introduced=1.0.0', '2.0.0+x'],
    [[{ introduced: '1.0.0' }, { last_affected: '1.9.0' }], 'introduced=1.0.0&lastAffected=1.9.0', ''],
    [[{ introduced: '0' }, { fixed: "a b*(c)'~é/" }], 'fixed=a+b%2A%28c%29%27~%C3%A9%2F', "a b*(c)'~é/"],
  ];
  for (const [events, query, text] of cases) {
    it(query || 'of everything', () => {
      const json = { ...record, affected: [{ ...affected, ranges: [{ type: 'ECOSYSTEM', events }] }] };
      assert.equal(read(json).advisories[0]?.fixedInVersion, query);
      assert.equal(read(json, { encodeFixed: 'text' }).advisories[0]?.fixedInVersion, text);
    });
  }
});

describe('what is affected', () => {
  const bounds = (entries: unknown[], changed: Partial<OsvOptions> = {}): unknown[] =>
    read({ ...record, affected: entries }, changed).advisories.map(({ name, from, below, upTo }) => [
      name,
      from,
      below,
      upTo,
    ]);
  const elsewhere = { ...affected, package: { ecosystem: 'Else', name: 'Widget' } };
  const release = { ...affected, package: { ecosystem: 'wares:12', name: 'widget' } };
  const git = { type: 'GIT', repo: 'https://example.com', events: [{ introduced: '0' }] };
  const semver = { type: 'SEMVER', events: [{ introduced: '3.0.0' }] };
  const listed = { package: affected.package, versions: ['1.0.0', '1.1.0'] };
  const exact = [
    ['widget', '1.0.0', undefined, '1.0.0'],
    ['widget', '1.1.0', undefined, '1.1.0'],
  ];
  const usual = [['widget', undefined, '1.2.0', undefined]];
  const undecided = [['widget', UNREADABLE_BOUND, undefined, UNREADABLE_BOUND]];

  it('is of this ecosystem', () => assert.deepEqual(bounds([elsewhere, release]), usual));
  it('is told once', () => assert.deepEqual(bounds([affected, release, affected]), usual));
  it('is of no version that is known, by commits alone', () =>
    assert.deepEqual(bounds([{ ...affected, ranges: [git] }]), undecided));
  it('is listed, without a range', () => assert.deepEqual(bounds([listed]), exact));
  it('is listed, with a range of commits', () =>
    assert.deepEqual(bounds([{ ...listed, ranges: [git] }]), exact));
  it('is in the range, listed or not', () => assert.deepEqual(bounds([{ ...affected, ...listed }]), usual));
  it('is listed beside the range', () =>
    assert.deepEqual(bounds([{ ...affected, versions: ['1.1.0', '3.0.0', '3.0.0', '', 'odd'] }]), [
      ...usual,
      ['widget', '3.0.0', undefined, '3.0.0'],
      ['widget', 'odd', undefined, 'odd'],
    ]));
  it('is of the range types that mean something', () =>
    assert.deepEqual(bounds([{ ...affected, ranges: [semver] }], { ranges: ['SEMVER'] }), [
      ['widget', '3.0.0', undefined, undefined],
    ]));

  const unusable: [what: string, entry: object, problem: RegExp | undefined][] = [
    ['a range of another type', { ranges: [semver] }, /SEMVER/],
    ['no events', { ranges: [{ type: 'ECOSYSTEM', events: [] }] }, /without events/],
    ['events of nothing', { ranges: [{ type: 'ECOSYSTEM', events: [{}, { fixed: '' }] }] }, /without events/],
    ['a malformed range', { ranges: [{ type: 'ECOSYSTEM', events: 'all' }] }, /cannot be read/],
    ['a malformed event', { ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: 0 }] }] }, /cannot be read/],
    ['ranges that are no list', { ranges: 1 }, /no list/],
    ['versions that are no list', { ranges: undefined, versions: {} }, /no list/],
    ['versions that are no texts', { ranges: undefined, versions: [1] }, /no text/],
    ['neither ranges nor versions', { ranges: null, versions: null }, undefined],
  ];
  for (const [what, entry, problem] of unusable) {
    it(`is undecided with ${what}`, () => {
      const json = { ...record, affected: [{ ...affected, ...entry }] };
      assert.deepEqual(bounds(json.affected), undecided);
      if (problem === undefined) assert.deepEqual(read(json).problems, []);
      else assert.match(read(json).problems.join(), problem);
    });
  }
  it('is what can be used of several ranges', () =>
    assert.deepEqual(bounds([{ ...affected, ranges: [semver, ...affected.ranges, 1] }]), usual));
  it('is what is listed, and what a range may say that cannot be used', () =>
    assert.deepEqual(bounds([{ ...listed, ranges: [semver] }]), [...exact, ...undecided]));
  it('is told though another entry cannot be read', () => {
    const { advisories, problems } = read({
      ...record,
      affected: [{ package: 1 }, 'x', affected, { ...elsewhere, ranges: 1 }],
    });
    assert.equal(advisories.length, 1);
    assert.equal(problems.length, 2);
  });
});

describe('severity', () => {
  const v2 = { type: 'CVSS_V2', score: 'AV:N/AC:L/Au:N/C:P/I:P/A:P' };
  const v4 = { type: 'CVSS_V4', score: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N' };
  const bad = { type: 'CVSS_V3', score: 'CVSS:3.1/bad' };
  const cases: [string, object, string, string][] = [
    ['the last vector', { severity: [v4, v2] }, v2.score, 'High'],
    ['version 4', { severity: [v2, v4] }, v4.score, 'Critical'],
    ['the last that can be read', { severity: [v4, bad] }, v4.score, 'Critical'],
    ['unreadable', { severity: [bad] }, bad.score, 'Unknown'],
    ['of the package', { severity: [], affected: [{ ...affected, severity: [v4] }] }, v4.score, 'Critical'],
    [
      'the database word',
      { severity: undefined, database_specific: { severity: 'MODERATE' } },
      'MODERATE',
      'Medium',
    ],
    ['an unknown word', { severity: null, database_specific: { severity: 'awful' } }, 'awful', 'Unknown'],
    ['another rating', { severity: [{ type: 'Ubuntu', score: 'high' }] }, '', 'Unknown'],
    ['none', { severity: 'x' }, '', 'Unknown'],
  ];
  for (const [name, change, severity, normalizedSeverity] of cases) {
    it(name, () => {
      const [advisory] = read({ ...record, ...change }).advisories;
      assert.deepEqual(
        [advisory?.vulnerability.severity, advisory?.vulnerability.normalizedSeverity],
        [severity, normalizedSeverity],
      );
    });
  }
});

describe('dates', () => {
  const issued = (published: unknown): unknown =>
    read({ ...record, published }).advisories[0]?.vulnerability.issued;
  const cases: [unknown, unknown][] = [
    ['2024-02-03T04:05:06.123456789Z', '2024-02-03T04:05:06.123456Z'],
    ['2024-02-03T04:05:06.500Z', '2024-02-03T04:05:06.5Z'],
    ['2024-02-03T04:05:06.000Z', '2024-02-03T04:05:06Z'],
    ['2024-02-03T04:05:06+02:00', '2024-02-03T02:05:06Z'],
    ['2024-02-03', undefined],
    ['2024-99-03T04:05:06Z', undefined],
    [7, undefined],
    [undefined, undefined],
  ];
  for (const [published, want] of cases) it(`${published}`, () => assert.equal(issued(published), want));

  it('of withdrawal', () => {
    assert.equal(read({ ...record, withdrawn: '2024-06-01T00:00:00Z' }).advisories.length, 0);
    const later = read({ ...record, withdrawn: '2026-06-01T00:00:00Z' });
    assert.equal(later.advisories.length, 1);
    assert.match(later.problems.join(), /kept until it is withdrawn/, 'or nobody would look at it again');
    const unclear = read({ ...record, withdrawn: 'yes' });
    assert.equal(unclear.advisories.length, 1);
    assert.match(unclear.problems.join(), /withdrawn is not a date/);
    assert.match(read({ ...record, published: 'soon' }).problems.join(), /published is not a date/);
  });
});

describe('records that are none', () => {
  for (const json of [null, 1, [], {}, { id: '' }, { id: 7 }, { id: 'x', affected: 'y' }]) {
    it(JSON.stringify(json), () => assert.throws(() => read(json), /no OSV record/));
  }

  it('keeps what PostgreSQL cannot store out of its texts', () => {
    const [advisory] = read({ ...record, summary: 'a\0b\ud800', aliases: ['x', '', 7] }).advisories;
    assert.equal(advisory?.vulnerability.description, 'ab\ufffd');
    assert.deepEqual(advisory?.vulnerability.aliases, ['x']);
  });

  it('reads any JSON in place of any part', () => {
    const keys = fc.constantFrom(...Object.keys(record), 'withdrawn', 'database_specific');
    const inner = fc.constantFrom('package', 'ranges', 'versions', 'severity');
    fc.assert(
      fc.property(keys, inner, fc.jsonValue(), fc.jsonValue(), (key, part, value, other) => {
        const json = { ...record, affected: [affected, { ...affected, [part]: other }], [key]: value };
        try {
          read(json);
        } catch (error) {
          assert.match((error as Error).message, /^no OSV record/);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
