import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { servicePacksOf } from '../feeds/suse-feed.ts';
import { lookups } from '../lookups.ts';
import { oracleRelease, slesRelease } from './releases.ts';
import { lookupScopes, slesScopes } from './scopes.ts';

describe('scopes of packages', () => {
  const cases: [string, string[]][] = [
    ['3.6.16-4.el8', ['ol:8']],
    ['10:3.6.16-4.0.1.el8_fips', ['ol:8:fips']],
    ['10:1.1.1k-14.el8_6_fips', ['ol:8:fips']],
    ['2:2.28-151.0.1.ksplice2.el8', ['ol:8:ksplice']],
    ['1-1.fipscheck.el8', ['ol:8']],
  ];
  for (const [version, want] of cases) {
    it(`Oracle Linux: ${version}`, () => assert.deepEqual(lookupScopes(oracleRelease('8'), version), want));
  }

  it('of SLES are the release and the service pack, or all where it is not told', () => {
    assert.deepEqual(lookupScopes(slesRelease('15', '4'), '1-1'), ['sles:15', 'sles:15.4']);
    const untold = lookupScopes(slesRelease('15'), '1-1');
    assert.deepEqual(
      untold.toSorted(),
      slesScopes('15')
        .map(({ key }) => key)
        .toSorted(),
    );
  });

  it('are looked up each', () => {
    const pkg = { name: 'a', version: '1-1', kind: 'binary', arch: 'x86_64' } as const;
    const found = lookups({ package: pkg, distribution: slesRelease('15', '4') });
    assert.deepEqual(
      found.map(({ scope, kind, name, arch }) => [scope, kind, name, arch]),
      ['sles:15', 'sles:15.4'].flatMap((scope) => [
        [scope, 'binary', 'a', 'x86_64'],
        [scope, 'source', 'a', undefined],
      ]),
    );
  });
});

describe('service packs that criteria are for', () => {
  const server = (pack: string) => `SUSE Linux Enterprise Server 15${pack} is installed`;
  const cases: [what: string, given: string[][], want: string[]][] = [
    ['nothing', [], ['sles:15']],
    ['one', [[server(' SP4')]], ['sles:15.4']],
    ['several', [[server(' SP4'), server(' SP5-LTSS')]], ['sles:15.4', 'sles:15.5']],
    ['a module', [['SUSE Linux Enterprise Module for Basesystem 15 SP4 is installed']], ['sles:15.4']],
    ['all', [[server('')]], ['sles:15']],
    ['one, or all', [[server(' SP4'), server('')]], ['sles:15']],
    ['one, and a package', [[server(' SP4')], ['kernel-default-5.14 is installed']], ['sles:15.4']],
    ['one of several, and another', [[server(' SP4'), server(' SP5')], [server(' SP5')]], ['sles:15.5']],
    ['none that there can be', [[server(' SP4')], [server(' SP5')]], ['sles:15']],
    ['one that nobody knows yet', [[server(' SP77')]], ['sles:15']],
  ];
  for (const [what, given, want] of cases) {
    it(what, () => {
      const scopes = servicePacksOf({ given }, slesScopes('15'));
      assert.deepEqual(
        scopes.map(({ key }) => key),
        want,
      );
    });
  }
});
