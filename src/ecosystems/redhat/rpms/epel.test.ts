import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LayerDetections } from '../../../contract/coalesce.ts';
import { formatPurl, parsePurl } from '../../../model/purl.ts';
import { composeHeader, composeNdb, findIn, type HeaderFacts } from '../../rpm/databases.fixture.ts';
import { rpm } from './index.ts';

/** What is looked up for the packages of an image with one layer, by name: `SCOPE KIND NAME`. */
function lookupsIn(osRelease: string, packages: readonly HeaderFacts[]) {
  const files = {
    'etc/os-release': osRelease,
    'var/lib/rpm/Packages.db': composeNdb(packages.map(composeHeader)),
  };
  const found = rpm.detectors.flatMap((detector) =>
    findIn(detector, files).map((each) => ({ ...each, detector: detector.id })),
  );
  const layer: LayerDetections = { layer: 'sha256:0' as never, whiteouts: [], found };
  const { packages: indexed, repositories } = rpm.coalesce([layer]);
  const named = indexed.map(({ package: pkg, environments: [environment] }) => {
    const { distribution, repositories: own = [] } = environment!;
    const records = own.length === 0 ? [undefined] : own;
    const shown = (read: Pick<typeof pkg, 'name' | 'version' | 'kind'>) =>
      records.flatMap((repository) =>
        rpm
          .lookups({
            package: { ...pkg, ...read },
            ...(distribution && { distribution }),
            ...(repository && { repository }),
          })
          .map(({ scope, kind, name }) => `${scope} ${kind} ${name}`),
      );
    return { pkg, environment: environment!, scopes: shown(pkg) };
  });
  return { named, repositories, byName: new Map(named.map(({ pkg, scopes }) => [pkg.name, scopes])) };
}

const EPEL = { vendor: 'Fedora Project', version: '3.3.0' };
const HTOP: HeaderFacts = { ...EPEL, name: 'htop', release: '1.el9', sourceRpm: 'htop-3.3.0-1.el9.src.rpm' };
const ALMA = 'ID="almalinux"\nNAME="AlmaLinux"\nVERSION_ID="9.4"\n';

describe('packages of EPEL', () => {
  it('are looked up in its advisories alone, those of the distribution in its own', () => {
    const bash = { name: 'bash', version: '5.1.8', release: '9.el9', vendor: 'AlmaLinux' };
    const other = { name: 'tool', version: '1', release: '1.el9', vendor: 'Some Company' };
    const { byName, repositories } = lookupsIn(ALMA, [bash, HTOP, other]);
    assert.deepEqual(byName.get('htop'), ['epel:9 binary htop', 'epel:9 source htop']);
    assert.deepEqual(byName.get('bash'), ['almalinux:9 binary bash']);
    assert.deepEqual(byName.get('tool'), ['almalinux:9 binary tool']);
    assert.deepEqual(repositories, [
      { name: 'epel-9', key: 'epel', uri: 'https://dl.fedoraproject.org/pub/epel/9/' },
    ]);
  });

  const releases: [what: string, osRelease: string, release: string, scope: string][] = [
    ['RHEL', 'ID=rhel\nVERSION_ID=9.4\n', '1.el9', 'epel:9'],
    ['Rocky Linux', 'ID=rocky\nVERSION_ID=8.10\n', '1.el8', 'epel:8'],
    ['CentOS Stream', 'ID=centos\nVERSION_ID=10\n', '1.el10_1', 'epel:10'],
    ['Oracle Linux', 'ID=ol\nVERSION_ID=9.4\n', '1.el9.2', 'epel:9'],
    ['Amazon Linux 2', 'ID=amzn\nVERSION_ID=2\n', '1.el7', 'epel:7'],
  ];
  for (const [what, osRelease, release, scope] of releases) {
    it(`are told by their maker and release on ${what}`, () => {
      const { byName } = lookupsIn(osRelease, [{ ...HTOP, release }]);
      assert.deepEqual(byName.get('htop'), [`${scope} binary htop`, `${scope} source htop`]);
    });
  }

  it('are not what Fedora builds for itself', () => {
    const { byName, repositories } = lookupsIn('ID=fedora\nVERSION_ID=41\n', [
      { ...HTOP, release: '1.fc41' },
    ]);
    assert.deepEqual(byName.get('htop'), ['fedora:41 binary htop', 'fedora:41 source htop']);
    assert.deepEqual(repositories, []);
  });

  it('of modules are in a repository of their own', () => {
    const { byName } = lookupsIn(ALMA, [{ ...HTOP, modularityLabel: 'tools:1:8:aaaa' }]);
    assert.deepEqual(byName.get('htop'), ['epel:9:modular binary htop', 'epel:9:modular source htop']);
  });

  it('stay what they are in package URLs', () => {
    const { named } = lookupsIn(ALMA, [HTOP]);
    const { pkg, environment, scopes } = named[0]!;
    const read = rpm.purl!.fromPurl(parsePurl(formatPurl(rpm.purl!.toPurl(pkg, environment)!))!)!;
    const [repository] = read.repositories ?? [];
    const again = rpm.lookups({
      package: read.package,
      ...(read.distribution && { distribution: read.distribution }),
      ...(repository && { repository }),
    });
    assert.deepEqual(
      again.map(({ scope, kind, name }) => `${scope} ${kind} ${name}`),
      scopes,
    );
  });
});
