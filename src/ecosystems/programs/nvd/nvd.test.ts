import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { fakeUpstream } from '../../../feeds/upstream.fixture.ts';
import type { Advisory } from '../../../model/advisory.ts';
import { nvdLookups, UPSTREAM } from '../lookups.ts';
import { programVersions } from '../version.ts';
import { nvdFeeds } from './feed.ts';
import { advisoriesOfNvd, MENTIONS } from './record.ts';

interface Match {
  readonly criteria: string;
  readonly vulnerable?: boolean;
  readonly [bound: `version${string}`]: string;
}

const cpe = (product: string, version = '*', update = '*', target = '*') =>
  `cpe:2.3:a:${product}:${version}:${update}:*:*:*:${target}:*:*`;

function recordOf(configurations: unknown, more: object = {}) {
  return {
    cve: {
      id: 'CVE-2023-38408',
      published: '2023-07-20T03:15:10.170',
      descriptions: [
        { lang: 'es', value: 'no' },
        { lang: 'en', value: 'A text.' },
      ],
      metrics: {
        cvssMetricV31: [{ cvssData: { vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' } }],
      },
      references: [{ url: 'https://x.example/1' }],
      configurations,
      ...more,
    },
  };
}

function oneNode(...matches: Match[]) {
  return [
    {
      nodes: [
        { operator: 'OR', negate: false, cpeMatch: matches.map((each) => ({ vulnerable: true, ...each })) },
      ],
    },
  ];
}

const read = (record: unknown): Advisory[] => advisoriesOfNvd(record, (reason) => assert.fail(reason));

/** By keys, as matching does it. */
function isAffected(advisories: readonly Advisory[], name: string, version: string): boolean {
  const [lookup] = nvdLookups({ package: { name, version, kind: 'binary' }, repository: UPSTREAM });
  const key = (text: string) => programVersions.key(programVersions.parse(text)!)!;
  const own = key(lookup!.version);
  return advisories.some(
    ({ name: of, from, below, upTo }) =>
      of === lookup!.name &&
      (from === undefined || Buffer.compare(key(from), own) <= 0) &&
      (below === undefined || Buffer.compare(own, key(below)) < 0) &&
      (upTo === undefined || Buffer.compare(own, key(upTo)) <= 0),
  );
}

describe('a record of the NVD', () => {
  const cases: [what: string, matches: Match[], name: string, affected: string[], safe: string[]][] = [
    [
      'from and before',
      [{ criteria: cpe('openssl:openssl'), versionStartIncluding: '1.0.2', versionEndExcluding: '1.0.2zd' }],
      'openssl',
      ['1.0.2', '1.0.2a', '1.0.2z', '1.0.2zc'],
      ['1.0.1u', '1.0.2zd', '1.0.2ze', '1.1.1'],
    ],
    [
      'up to',
      [{ criteria: cpe('haxx:libcurl'), versionEndIncluding: '7.88.1' }],
      'curl',
      ['7.88.1', '7.1'],
      ['7.88.2', '8.0.0'],
    ],
    [
      'after',
      [{ criteria: cpe('haxx:curl'), versionStartExcluding: '7.0', versionEndExcluding: '8.0' }],
      'curl',
      ['7.0.1'],
      ['7.0', '8.0.0'],
    ],
    ['one version', [{ criteria: cpe('gnu:bash', '5.1') }], 'bash', ['5.1'], ['5.0', '5.1.1', '5.2']],
    [
      'one update',
      [{ criteria: cpe('openbsd:openssh', '9.3', 'p1') }, { criteria: cpe('openbsd:openssh', '9.3', '-') }],
      'openssh',
      ['9.3', '9.3p1'],
      ['9.3p2', '9.2p1'],
    ],
    [
      'all updates',
      [{ criteria: cpe('openbsd:openssh', '8.5') }],
      'openssh',
      ['8.5', '8.5p1'],
      ['8.6p1', '8.4p1'],
    ],
    [
      'up to, with patches',
      [{ criteria: cpe('openbsd:openssh'), versionEndIncluding: '8.8' }],
      'openssh',
      ['8.8p1'],
      ['8.9p1'],
    ],
    [
      'parts',
      [
        {
          criteria: cpe('erlang:erlang\\/otp'),
          versionStartIncluding: '27.0',
          versionEndExcluding: '27.3.4.13',
        },
      ],
      'erlang',
      ['27.3.4.12', '27.3.4'],
      ['27.3.4.13', '26.2'],
    ],
    [
      'a pre-release',
      [{ criteria: cpe('mysql:x') }, { criteria: cpe('oracle:mysql', '8.0.0', 'rc1') }],
      'mysql',
      ['8.0.0rc1'],
      ['8.0.0', '8.0.0rc2'],
    ],
    ['every version', [{ criteria: cpe('busybox:busybox') }], 'busybox', ['1.0', '1.36.1'], []],
    ['nothing vulnerable', [{ criteria: cpe('gnu:bash'), vulnerable: false }], 'bash', [], ['5.1']],
    ['a plugin of it', [{ criteria: cpe('matomo:matomo', '*', '*', 'wordpress') }], 'matomo', [], ['5.1']],
    ['an unknown version', [{ criteria: cpe('gnu:bash', '-') }], 'bash', [], ['5.1']],
    ['an operating system', [{ criteria: cpe('gnu:bash').replace(':a:', ':o:') }], 'bash', [], ['5.1']],
  ];
  for (const [what, matches, name, affected, safe] of cases) {
    it(`of ${what}`, () => {
      const found = read(recordOf(oneNode(...matches)));
      for (const version of affected) assert.ok(isAffected(found, name, version), version);
      for (const version of safe) assert.ok(!isAffected(found, name, version), version);
    });
  }
  it('of what is vulnerable together with something else is not about it', () => {
    const [{ nodes }] = oneNode({ criteria: cpe('gnu:bash') }) as [{ nodes: object[] }];
    assert.deepEqual(read(recordOf([{ operator: 'AND', nodes: [...nodes, ...nodes] }])), []);
    assert.deepEqual(read(recordOf([{ nodes: [{ ...nodes[0], operator: 'AND' }] }])), []);
  });
  it('that was rejected is none', () =>
    assert.deepEqual(read(recordOf(oneNode({ criteria: cpe('gnu:bash') }), { vulnStatus: 'Rejected' })), []));
  it('is told with its text', () => {
    const [advisory] = read(recordOf(oneNode({ criteria: cpe('gnu:bash'), versionEndExcluding: '5.2' })));
    assert.deepEqual(advisory, {
      scope: 'nvd',
      name: 'bash',
      kind: 'binary',
      below: '5.2',
      fixedInVersion: 'fixed=5.2',
      vulnerability: {
        name: 'CVE-2023-38408',
        description: 'A text.',
        issued: '2023-07-20T03:15:10Z',
        links: 'https://nvd.nist.gov/vuln/detail/CVE-2023-38408 https://x.example/1',
        severity: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
        normalizedSeverity: 'Critical',
      },
    });
  });
  it('tells of criteria that cannot be read, and throws only where it is none', () => {
    const problems: string[] = [];
    const broken = [
      { nodes: [{ cpeMatch: [{ vulnerable: true }, { vulnerable: true, criteria: cpe('gnu:bash') }] }] },
    ];
    assert.equal(advisoriesOfNvd(recordOf(broken), (reason) => problems.push(reason)).length, 1);
    assert.deepEqual(problems, ['CVE-2023-38408: 1 criteria cannot be read']);
    fc.assert(
      fc.property(fc.json(), (json) => {
        try {
          advisoriesOfNvd({ cve: JSON.parse(json) }, () => {});
        } catch (error) {
          assert.match((error as Error).message, /^no record of the NVD/);
        }
      }),
    );
  });
  it('is looked at only if it names one of them', () => {
    assert.match(JSON.stringify(recordOf(oneNode({ criteria: cpe('erlang:erlang\\/otp') }))), MENTIONS);
    assert.doesNotMatch(JSON.stringify(recordOf(oneNode({ criteria: cpe('acme:lab') }))), MENTIONS);
  });
});

describe('the feed nvd/programs', () => {
  const ROOT = 'https://nvd.example/2.0/';
  const now = new Date('2003-06-01T00:00:00Z');
  const bash = (id: string) =>
    recordOf(oneNode({ criteria: cpe('gnu:bash'), versionEndExcluding: '5.2' }), { id });

  function upstreamOf(years: Readonly<Record<number, readonly object[]>>) {
    const bodies: Record<string, string | Buffer> = {};
    for (const [year, vulnerabilities] of Object.entries(years)) {
      const text = JSON.stringify({ vulnerabilities });
      bodies[`${ROOT}nvdcve-2.0-${year}.meta`] =
        `sha256:${createHash('sha256').update(text).digest('hex').toUpperCase()}\r\n`;
      bodies[`${ROOT}nvdcve-2.0-${year}.json.gz`] = gzipSync(text);
    }
    return fakeUpstream(bodies, now);
  }

  async function load(years: Readonly<Record<number, readonly object[]>>, fingerprint = '') {
    const upstream = upstreamOf(years);
    const [feed] = await nvdFeeds.feeds({ feed_root: ROOT }, upstream.context);
    const fetched = await feed!.fetch(fingerprint, undefined, upstream.context);
    if (fetched === 'unchanged') return fetched;
    const names: string[] = [];
    for await (const each of fetched.records) names.push(each.vulnerability.name);
    return {
      names,
      fingerprint: fetched.fingerprint,
      partial: fetched.partial?.names,
      problems: upstream.problems,
    };
  }

  it('reads what changed, and says which vulnerabilities that was', async () => {
    const years = { 2002: [bash('CVE-2002-0001'), bash('CVE-2002-0002')], 2003: [bash('CVE-2003-0001')] };
    const first = await load(years);
    assert.ok(first !== 'unchanged');
    assert.deepEqual(first.names, ['CVE-2002-0001', 'CVE-2002-0002', 'CVE-2003-0001']);
    assert.deepEqual([first.partial, first.problems], [undefined, []]);
    assert.equal(await load(years, first.fingerprint), 'unchanged');

    const other = recordOf(oneNode({ criteria: cpe('acme:lab') }), { id: 'CVE-2002-0002' });
    const second = await load({ ...years, 2002: [bash('CVE-2002-0001'), other] }, first.fingerprint);
    assert.ok(second !== 'unchanged');
    assert.deepEqual(second.names, ['CVE-2002-0001']);
    assert.deepEqual([...second.partial!], ['CVE-2002-0001', 'CVE-2002-0002']);
  });
  it('reads all again for another list of programs', async () => {
    const years = { 2002: [bash('CVE-2002-0001')], 2003: [] };
    const first = await load(years);
    assert.ok(first !== 'unchanged');
    const again = await load(years, first.fingerprint.replace(/^\S+/, '0123'));
    assert.ok(again !== 'unchanged');
    assert.deepEqual([again.names, again.partial], [['CVE-2002-0001'], undefined]);
  });
  it('tells of a record that it cannot read, and reads its year again', async () => {
    const broken = { cve: { id: 'CVE-2002-0009', configurations: cpe('gnu:bash') } };
    const first = await load({ 2002: [broken, bash('CVE-2002-0001')], 2003: [] });
    assert.ok(first !== 'unchanged');
    assert.deepEqual(first.names, ['CVE-2002-0001']);
    assert.match(first.problems[0]!.where, /2002\.json\.gz: vulnerabilities\.0\.cve$/);
    assert.doesNotMatch(first.fingerprint, /2002/);
  });
});
