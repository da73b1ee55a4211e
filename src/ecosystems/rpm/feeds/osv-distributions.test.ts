import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeUpstream } from '../../../feeds/upstream.fixture.ts';
import { makeZip } from '../../../formats/archives/zip.fixture.ts';
import type { Advisory } from '../../../model/advisory.ts';
import { type Distribution, NO_DISTRIBUTION } from '../../../model/package.ts';
import { formatPurl, parsePurl } from '../../../model/purl.ts';
import { decideModule } from '../../decide.ts';
import { findIn } from '../databases.fixture.ts';
import { rpmDistributions } from '../index.ts';
import { lookups } from '../lookups.ts';
import { purl } from '../purl.ts';
import { osvDistributions } from './osv-distributions.ts';

const PLACE = 'https://osv.test';
const DUMPS = ['AlmaLinux', 'Rocky%20Linux', 'Mageia', 'openEuler', 'openSUSE', 'SUSE'];

async function load(index: number, dump: string, records: Record<string, unknown>[]) {
  const members = records.map((record) => ({ name: `${record.id}.json`, content: JSON.stringify(record) }));
  const upstream = fakeUpstream({ [`${PLACE}/${dump}/all.zip`]: makeZip({ members }) });
  const [feed] = await osvDistributions[index]!.feeds({ url: PLACE }, upstream.context);
  assert.ok(feed);
  const fetched = await feed.fetch('', undefined, upstream.context);
  assert.ok(fetched !== 'unchanged');
  const advisories: Advisory[] = [];
  for await (const advisory of fetched.records) advisories.push(advisory);
  return { feed, advisories };
}

function record(id: string, ecosystem: string, name: string, fixed: string, summary = 'Low: x') {
  const ranges = [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }];
  return { id, summary, affected: [{ package: { ecosystem, name }, ranges }] };
}

/** Whether something that is looked up meets the advisory, versions aside. */
function meets(advisory: Advisory | undefined, did: string, versionId: string, installed: object): boolean {
  const pkg = { name: 'libx', version: '1-1', kind: 'binary', ...installed } as const;
  return lookups({ package: pkg, distribution: { ...NO_DISTRIBUTION, did, versionId } }).some(
    (lookup) =>
      lookup.scope === advisory?.scope &&
      lookup.kind === advisory.kind &&
      lookup.name === advisory.name &&
      decideModule(advisory.module ?? '', lookup.module ?? '') !== 'unaffected',
  );
}

describe('the feeds of distributions in OSV', () => {
  it('read AlmaLinux by binary package', async () => {
    const { feed, advisories } = await load(0, 'AlmaLinux', [
      record('ALSA-2025:1', 'AlmaLinux:9', 'libx', '2-1.el9'),
      record('ALSA-2025:2', 'AlmaLinux:8', 'libx', '2-1.module_el8+1', 'Low: x:1 update'),
      record('ALSA-2025:3', 'AlmaLinux:8', 'libx', '2-1.module_el8+1', 'Low: x update'),
    ]);
    assert.equal(feed.name, 'osv/almalinux');
    assert.deepEqual(
      feed.scopes.map(({ key, distribution }) => [key, distribution?.did, distribution?.prettyName]),
      [
        ['almalinux:8', 'almalinux', 'AlmaLinux 8'],
        ['almalinux:9', 'almalinux', 'AlmaLinux 9'],
        ['almalinux:10', 'almalinux', 'AlmaLinux 10'],
      ],
    );
    const [plain, ofModule, untold] = advisories;
    assert.equal(meets(plain, 'almalinux', '9.4', {}), true);
    assert.equal(meets(plain, 'almalinux', '8.10', {}), false);
    assert.equal(meets(plain, 'rocky', '9.4', {}), false);
    assert.equal(meets(ofModule, 'almalinux', '8.10', { module: 'x:1' }), true);
    assert.equal(meets(ofModule, 'almalinux', '8.10', { module: 'x:2' }), false);
    assert.equal(meets(ofModule, 'almalinux', '8.10', {}), false);
    assert.equal(meets(untold, 'almalinux', '8.10', { module: 'x:2' }), true);
    assert.equal(meets(ofModule, 'almalinux', '8.10', { version: '1-1.module_el8+0' }), true);
    assert.equal(meets(ofModule, 'almalinux', '8.10', { module: 'x:1:8090:abcd' }), true);
  });

  it('read Rocky Linux by source package', async () => {
    const { feed, advisories } = await load(1, 'Rocky%20Linux', [
      record('RLSA-2025:1', 'Rocky Linux:10', 'x', '0:2-1.el10'),
    ]);
    assert.equal(feed.name, 'osv/rocky linux');
    assert.deepEqual(
      feed.scopes.map(({ key }) => key),
      ['rocky:8', 'rocky:9', 'rocky:10'],
    );
    const source = { name: 'x', version: '1-1' };
    assert.equal(meets(advisories[0], 'rocky', '10.0', { source }), true);
    assert.equal(meets(advisories[0], 'rocky', '10.0', { source, module: 'x:1' }), true);
    assert.equal(meets(advisories[0], 'rocky', '10.0', {}), false);
    assert.equal(meets(advisories[0], 'rocky', '9.3', { source }), false);
  });
});

/** The distribution that detectors make of os-release. */
function detect(lines: readonly string[]): Distribution {
  const [found] = rpmDistributions.detectors.flatMap((each) =>
    findIn(each, { 'etc/os-release': lines.join('\n') }),
  );
  assert.ok(found?.found === 'distribution', lines.join());
  return found.distribution;
}

const OS_RELEASES = {
  mageia: ['NAME="Mageia"', 'VERSION="9"', 'ID="mageia"', 'VERSION_ID="9"'],
  euler: ['NAME="openEuler"', 'VERSION="22.03 (LTS-SP3)"', 'ID="openEuler"', 'VERSION_ID="22.03"'],
  eulerFirst: ['ID="openEuler"', 'VERSION_ID="24.03"', 'PRETTY_NAME="openEuler 24.03 (LTS)"'],
  eulerOther: ['ID="openEuler"', 'VERSION="23.09"', 'VERSION_ID="23.09"', 'PRETTY_NAME="openEuler 23.09"'],
  eulerUntold: ['ID="openEuler"', 'VERSION_ID="22.03"'],
  tumbleweed: ['NAME="openSUSE Tumbleweed"', 'ID="opensuse-tumbleweed"', 'VERSION_ID="20260930"'],
  microos: ['NAME="openSUSE MicroOS"', 'ID="opensuse-microos"', 'VERSION_ID="20260930"'],
  leap16: ['NAME="openSUSE Leap"', 'ID="opensuse-leap"', 'VERSION_ID="16.0"'],
  leap15: ['NAME="openSUSE Leap"', 'ID="opensuse-leap"', 'VERSION_ID="15.4"'],
  leapMicro: ['NAME="openSUSE Leap Micro"', 'ID="opensuse-leap-micro"', 'VERSION_ID="5.5"'],
  micro: ['NAME="SLE Micro"', 'ID="sle-micro"', 'VERSION_ID="5.5"'],
  rancher: ['ID="sle-micro-rancher"', 'VERSION_ID="5.4"'],
  slMicro: ['NAME="SL-Micro"', 'ID="sl-micro"', 'VERSION_ID="6.0"'],
  desktop: ['NAME="SLED"', 'ID="sled"', 'VERSION_ID="15.6"'],
  sles16: ['NAME="SLES"', 'ID="sles"', 'VERSION_ID="16.0"'],
} as const;

describe('advisories in OSV', () => {
  const cases: [os: keyof typeof OS_RELEASES, ecosystem: string, isAbout: boolean][] = [
    ['mageia', 'Mageia:9', true],
    ['mageia', 'Mageia:8', false],
    ['mageia', 'Mageia', true], // of any release
    ['euler', 'openEuler:22.03-LTS-SP3', true],
    ['euler', 'openEuler:22.03-LTS-SP2', false],
    ['euler', 'openEuler:22.03-LTS', false],
    ['eulerFirst', 'openEuler:24.03-LTS', true],
    ['eulerFirst', 'openEuler:24.03-LTS-SP1', false],
    ['eulerOther', 'openEuler:22.03-LTS', false],
    ['eulerUntold', 'openEuler:22.03-LTS-SP1', true],
    ['tumbleweed', 'openSUSE:Tumbleweed', true],
    ['microos', 'openSUSE:Tumbleweed', true],
    ['tumbleweed', 'openSUSE:Leap 16.0', false],
    ['leap16', 'openSUSE:Leap 16.0', true],
    ['leap16', 'openSUSE:Leap 15.6', false],
    ['leap15', 'openSUSE:Leap 15.4', true],
    ['leap15', 'openSUSE:Leap 15.3', false],
    ['leapMicro', 'openSUSE:Leap Micro 5.5', true],
    ['leapMicro', 'openSUSE:Leap 15.5', false],
    ['micro', 'SUSE:Linux Enterprise Micro 5.5', true],
    ['micro', 'SUSE:Linux Enterprise Micro 5.4', false],
    ['micro', 'SUSE:Linux Enterprise Module for Basesystem 15 SP5', false],
    ['rancher', 'SUSE:Linux Enterprise Micro for Rancher 5.4', true],
    ['slMicro', 'SUSE:Linux Micro 6.0', true],
    ['slMicro', 'SUSE:Linux Micro Extras 6.0', true],
    ['slMicro', 'SUSE:Linux Micro 6.1', false],
    ['desktop', 'SUSE:Linux Enterprise Desktop 15 SP6', true],
    ['desktop', 'SUSE:Linux Enterprise Module for Basesystem 15 SP6', true],
    ['desktop', 'SUSE:Linux Enterprise Server 15 SP6-LTSS', true],
    ['desktop', 'SUSE:Linux Enterprise Module for Basesystem 15 SP5', false],
    ['sles16', 'SUSE:Linux Enterprise Server 16.0', true],
    ['sles16', 'SUSE:Linux Enterprise Server for SAP applications 16.0', true],
    ['sles16', 'SUSE:Linux Enterprise Server 15 SP6', false],
  ];
  for (const [os, ecosystem, isAbout] of cases) {
    it(`of ${ecosystem} are ${isAbout ? '' : 'not '}about ${os}`, async () => {
      const dump = ecosystem.replace(/:.*/, '');
      const index = osvDistributions.findIndex((_, position) => DUMPS[position] === dump);
      const { feed, advisories } = await load(index, dump, [record('X-1', ecosystem, 'src', '1:2-1')]);
      const distribution = detect(OS_RELEASES[os]);
      const found = lookups({
        package: {
          name: 'lib',
          version: '1:1-1',
          kind: 'binary',
          source: { name: 'src', version: '1:1-1' },
        },
        distribution,
      });
      const matched = found.filter(({ scope, kind, name }) =>
        advisories.some((each) => each.scope === scope && each.kind === kind && each.name === name),
      );
      assert.equal(matched.length > 0, isAbout);
      // What a feed says is in scopes that it covers, or an image would be told to be checked by nobody.
      const covered = new Set(feed.scopes.map(({ key }) => key));
      for (const { scope } of advisories) assert.ok(covered.has(scope), scope);
      assert.equal(
        found.some(({ scope }) => covered.has(scope)),
        os !== 'eulerOther',
      );
    });
  }

  it('are about the same service pack in an SBOM', () => {
    const installed = { name: 'lib', version: '1-1', kind: 'binary' } as const;
    const distribution = detect(OS_RELEASES.euler);
    const made = purl.toPurl(installed, { packageDb: '', introducedIn: 'sha256:0' as never, distribution });
    const read = purl.fromPurl(parsePurl(formatPurl(made!))!);
    assert.deepEqual(
      lookups({ package: installed, distribution: read!.distribution! }),
      lookups({ package: installed, distribution }),
    );
  });

  it('find a package that names no source by its own name', async () => {
    const { advisories } = await load(2, 'Mageia', [record('MGASA-2026-1', 'Mageia:9', 'libx', '2-1.mga9')]);
    assert.equal(meets(advisories[0], 'mageia', '9', {}), true);
  });

  it('keep what has no fix, several ranges and the gap between them', async () => {
    const ranges = [
      { type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2-1.mga9' }] },
      { type: 'ECOSYSTEM', events: [{ introduced: '3-1.mga9' }] },
    ];
    const affected = [{ package: { ecosystem: 'Mageia:9', name: 'x' }, ranges }];
    const { advisories } = await load(2, 'Mageia', [
      { id: 'MGASA-2026-2', upstream: ['CVE-2026-1'], affected },
    ]);
    assert.deepEqual(
      advisories.map(({ from, below, fixedInVersion, vulnerability }) => [
        from,
        below,
        fixedInVersion,
        vulnerability.aliases,
      ]),
      [
        [undefined, '2-1.mga9', '2-1.mga9', ['CVE-2026-1']],
        ['3-1.mga9', undefined, '', ['CVE-2026-1']],
      ],
    );
  });
});
