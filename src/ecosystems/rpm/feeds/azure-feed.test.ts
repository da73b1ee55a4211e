import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeUpstream } from '../../../feeds/upstream.fixture.ts';
import type { Advisory } from '../../../model/advisory.ts';
import { NO_DISTRIBUTION } from '../../../model/package.ts';
import { findIn } from '../databases.fixture.ts';
import { lookups } from '../lookups.ts';
import { packageManifest } from '../package-manifest.ts';
import { azureFeeds } from './azure-feed.ts';

const FOLDER = 'https://azure.test/main/';

/** What a definition says of a package: comparison and version, each a criterion. */
interface Made {
  readonly cve: string;
  readonly name: string;
  readonly patchable?: string;
  readonly operator?: string;
  readonly tests: readonly (readonly [operation: string, evr: string])[];
}

function composeOval(definitions: readonly Made[]): string {
  const tests: string[] = [];
  const objects: string[] = [];
  const states: string[] = [];
  const bodies = definitions.map(({ cve, name, patchable = 'true', operator = 'AND', tests: own }, index) => {
    const criteria = own.map(([operation, evr], at) => {
      const id = (kind: string) => `oval:com.microsoft.azurelinux:${kind}:${index}${at}`;
      tests.push(
        `<linux-def:rpminfo_test check="at least one" comment="c" id="${id('tst')}" version="1"><linux-def:object object_ref="${id('obj')}"/><linux-def:state state_ref="${id('ste')}"/></linux-def:rpminfo_test>`,
      );
      objects.push(
        `<linux-def:rpminfo_object id="${id('obj')}" version="1"><linux-def:name>${name}</linux-def:name></linux-def:rpminfo_object>`,
      );
      states.push(
        `<linux-def:rpminfo_state id="${id('ste')}" version="1"><linux-def:evr datatype="evr_string" operation="${operation}">${evr}</linux-def:evr></linux-def:rpminfo_state>`,
      );
      return `<criterion comment="Package ${name} ${operation} ${evr}" test_ref="${id('tst')}"/>`;
    });
    return `<definition class="vulnerability" id="oval:com.microsoft.azurelinux:def:${index}" version="1"><metadata>
<title>${cve} affecting package ${name}</title><affected family="unix"><platform>Azure Linux</platform></affected>
<reference ref_id="${cve}" ref_url="https://nvd.nist.gov/vuln/detail/${cve}" source="CVE"/><patchable>${patchable}</patchable>
<advisory_date>2026-04-17T22:02:46Z</advisory_date><severity>High</severity><description>About ${name}.</description></metadata>
<criteria operator="${operator}">${criteria.join('')}</criteria></definition>`;
  });
  return `<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5" xmlns:linux-def="http://oval.mitre.org/XMLSchema/oval-definitions-5#linux">
<definitions>${bodies.join('')}</definitions><tests>${tests.join('')}</tests><objects>${objects.join('')}</objects><states>${states.join('')}</states></oval_definitions>`;
}

async function load(
  definitions: readonly Made[],
  file = 'azurelinux-3.0-oval.xml',
  name = 'azurelinux-3.0-updater',
) {
  const upstream = fakeUpstream({
    [`${FOLDER}${file}`]: { body: composeOval(definitions), headers: { etag: '"1"' } },
  });
  const feeds = await azureFeeds.feeds({ url: FOLDER }, upstream.context);
  const feed = feeds.find((each) => each.name === name)!;
  const fetched = await feed.fetch('', undefined, upstream.context);
  assert.ok(fetched !== 'unchanged');
  assert.equal(await feed.fetch(fetched.fingerprint, undefined, upstream.context), 'unchanged');
  const advisories: Advisory[] = [];
  for await (const advisory of fetched.records) advisories.push(advisory);
  return advisories;
}

const boundsOf = (advisories: readonly Advisory[]) =>
  advisories.map(({ name, from, below, upTo, fixedInVersion }) => [name, from, below, upTo, fixedInVersion]);

describe('the feeds of Azure Linux', () => {
  it('are one for each release', async () => {
    const feeds = await azureFeeds.feeds(undefined, fakeUpstream({}).context);
    assert.deepEqual(
      feeds.map(({ name, scopes }) => [name, scopes.map(({ key }) => key)]),
      [
        ['mariner-1.0-updater', ['mariner:1.0']],
        ['mariner-2.0-updater', ['mariner:2.0']],
        ['azurelinux-3.0-updater', ['azurelinux:3.0']],
      ],
    );
  });

  it('name sources by CVE, with their severity and date', async () => {
    const [advisory] = await load([
      { cve: 'CVE-2026-0001', name: 'curl', tests: [['less than', '0:8.8.0-3.azl3']] },
    ]);
    assert.deepEqual(advisory, {
      scope: 'azurelinux:3.0',
      name: 'curl',
      kind: 'source',
      below: '0:8.8.0-3.azl3',
      fixedInVersion: '0:8.8.0-3.azl3',
      vulnerability: {
        name: 'CVE-2026-0001',
        description: 'About curl.',
        issued: '2026-04-17T22:02:46Z',
        links: 'https://nvd.nist.gov/vuln/detail/CVE-2026-0001',
        severity: 'High',
        normalizedSeverity: 'High',
      },
    });
  });

  const ranges: [what: string, made: Partial<Made>, want: unknown[]][] = [
    [
      'between two versions',
      {
        tests: [
          ['less than', '0:1.20-1.cm2'],
          ['greater than', '0:1.19.cm2'],
        ],
      },
      [['a', '0:1.19.cm2', '0:1.20-1.cm2', undefined, '0:1.20-1.cm2']],
    ],
    [
      'in the other order',
      {
        tests: [
          ['greater than or equal', '0:1.19'],
          ['less than', '0:1.20'],
        ],
      },
      [['a', '0:1.19', '0:1.20', undefined, '0:1.20']],
    ],
    [
      'either of two',
      {
        operator: 'OR',
        tests: [
          ['less than', '0:1.20'],
          ['greater than', '0:2.0'],
        ],
      },
      [
        ['a', undefined, '0:1.20', undefined, '0:1.20'],
        ['a', '0:2.0', undefined, undefined, ''],
      ],
    ],
    [
      'without a fix',
      { patchable: 'false', tests: [['less than or equal', '0:9.16.33-1.cm2']] },
      [['a', undefined, undefined, '0:9.16.33-1.cm2', '']],
    ],
    ['from a version on', { tests: [['greater than', '0:1']] }, [['a', '0:1', undefined, undefined, '']]],
    ['never', { patchable: 'Not Applicable', tests: [['less than or equal', '0:1-1']] }, []],
  ];
  for (const [what, made, want] of ranges) {
    it(`say what is affected ${what}`, async () => {
      const advisories = await load(
        [{ cve: 'CVE-2026-1', name: 'a', tests: [], ...made }],
        'cbl-mariner-2.0-oval.xml',
        'mariner-2.0-updater',
      );
      assert.deepEqual(boundsOf(advisories), want);
    });
  }
});

describe('packages of Azure Linux', () => {
  const release = (did: string, versionId: string) => ({ ...NO_DISTRIBUTION, did, versionId });

  it('are looked up by their sources, whatever the build of the release', () => {
    const installed = { name: 'libcurl', version: '8.8.0-1.azl3', kind: 'binary' } as const;
    for (const [distribution, scope] of [
      [release('azurelinux', '3.0'), 'azurelinux:3.0'],
      [release('mariner', '2.0'), 'mariner:2.0'],
      [release('mariner', '1.0.20210127'), 'mariner:1.0'],
    ] as const) {
      const found = lookups({
        package: { ...installed, source: { name: 'curl', version: installed.version } },
        distribution,
      });
      assert.deepEqual(found.at(-1), { scope, kind: 'source', name: 'curl', version: '8.8.0-1.azl3' });
    }
  });

  it('are in a list where their database is taken out', () => {
    const line = (...columns: string[]) => columns.join('\t');
    const list = [
      line(
        'glibc',
        '2.35-6.cm2',
        '1699000000',
        '1698000000',
        'Microsoft Corporation',
        '(none)',
        '1',
        'x86_64',
        '0',
        'glibc-2.35-6.cm2.src.rpm',
      ),
      line(
        'vim-data',
        '9.0-1.cm2',
        '1',
        '1',
        'Microsoft Corporation',
        '(none)',
        '1',
        'noarch',
        '2',
        'vim-9.0-1.cm2.src.rpm',
      ),
      line('noline'),
      '',
    ].join('\n');
    const path = 'var/lib/rpmmanifest/container-manifest-2';
    const found = findIn(packageManifest, { [path]: list });
    assert.deepEqual(
      found
        .flatMap((each) => (each.found === 'package' ? [each.package] : []))
        .map(({ path: _, ...rest }) => rest),
      [
        {
          name: 'glibc',
          version: '2.35-6.cm2',
          kind: 'binary',
          source: { name: 'glibc', version: '2.35-6.cm2' },
          arch: 'x86_64',
          database: 'manifest:var/lib/rpmmanifest',
        },
        {
          name: 'vim-data',
          version: '2:9.0-1.cm2',
          kind: 'binary',
          source: { name: 'vim', version: '2:9.0-1.cm2' },
          arch: 'noarch',
          database: 'manifest:var/lib/rpmmanifest',
        },
      ],
    );
    assert.deepEqual(
      found.flatMap((each) => (each.found === 'problem' ? [each.reason] : [])),
      [
        '1 lines name no package, the first: "noline"',
        'it lists packages without their files; the ledger cannot attribute files to them',
      ],
    );
    const cut = findIn(packageManifest, { [path]: list.slice(0, 40) });
    assert.ok(cut.some((each) => each.found === 'problem' && /in the middle of a line/.test(each.reason)));
  });
});
