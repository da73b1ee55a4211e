import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { versionSchemeLaws } from '../version-laws.fixture.ts';
import { comparableVersion } from './comparable.ts';
import { programVersions } from './version.ts';

describe('versions of programs', () => {
  const ascending: readonly (readonly string[])[] = [
    ['1.24.0-0', '1.24.0-alpha.1', '1.24.0-rc.9', '1.24.0-rc.10', '1.24.0', '1.24.1'],
    ['1.0.2', '1.0.2a', '1.0.2z', '1.0.2za', '1.0.2zb', '1.0.3-dev', '1.0.3'],
    ['9.2', '9.2p1', '9.2p2', '9.2p10', '9.3p1'],
    ['17.5', '17.5.6', '17.5.6.9', '17.5.6.10', '18.0-rc1', '18'],
    ['3.13.0a7', '3.13.0b1', '3.13.0rc2', '3.13.0rc10', '3.13.0'],
    ['11.0.0-M3', '11.0.0-M20', '11.0.0'],
    ['2018.08.18', '2018.12.1', '2025.10.15'],
  ];
  for (const versions of ascending) {
    it(versions.join(' < '), () => {
      const keys = versions.map((text) => programVersions.key(programVersions.parse(text)!)!);
      for (let index = 1; index < keys.length; index++)
        assert.ok(Buffer.compare(keys[index - 1]!, keys[index]!) < 0, versions[index]);
    });
  }
  for (const [a, b] of [
    ['15', '15.0.0'],
    ['v1.2', '1.2.0'],
    ['3.13.0rc2', '3.13.0-rc.2'],
    ['12.3.2+security-01', '12.3.2'],
    ['01.2', '1.2'],
  ] as const) {
    it(`${a} is ${b}`, () =>
      assert.equal(programVersions.compare(programVersions.parse(a)!, programVersions.parse(b)!), 0));
  }
  for (const text of ['', 'v', '1.', '(devel)', 'nightly.2026', '1.2-', '1..2', `1.${'0'.repeat(300)}`])
    it(`${JSON.stringify(text.slice(0, 20))} is none`, () =>
      assert.equal(programVersions.parse(text), undefined));

  versionSchemeLaws(
    programVersions,
    fc.stringMatching(
      /^v?\d{1,3}(\.\d{1,2}){0,4}(-(rc|M|dev|\d{1,2}|[A-Z])\.?\d{0,2}|(a|b|rc|beta)\d{0,2}|[a-z]{1,2}|p\d{1,2})?(\+\d)?$/,
    ),
  );
});

describe('what is compared', () => {
  for (const [name, version, want] of [
    ['java', '1.8.0_392-b08', '8.0.392'],
    ['java', '1.8.0_05', '8.0.5'],
    ['java', '1.8.0', '8.0.0'],
    ['java', '8u451-b10', '8.0.451'],
    ['java', '25', '25.0.0'],
    ['java', '17.0.21.1+2', '17.0.21'],
    ['node', 'v22.4.0', '22.4.0'],
    ['golang', 'go1.25rc1', '1.25.0-rc.1'],
    ['postgresql', '15beta4', '15.0.0-beta.4'],
    ['postgresql', '15.3.0-1', '15.3.0'],
    ['mariadb', '10.6.15-MariaDB-log', '10.6.15'],
    ['ruby', '3.1.2p20', '3.1.2'],
    ['haproxy', '2.7.3-1065b10', '2.7.3'],
    ['haproxy', '3.1-dev0', '3.1.0-dev.0'],
    ['vault', '1.15.2+ent.hsm', '1.15.2'],
    ['minio', 'RELEASE.2025-10-15T17-29-55Z', '2025.10.15'],
    ['nginx', '1:1.22.1', '1.22.1'],
    ['envoy', '1.18.6-dev', '1.18.6-dev'],
    ['node', 'nightly', 'nightly'],
  ] as const)
    it(`of ${name} ${version} is ${want}`, () => assert.equal(comparableVersion(name, version), want));

  it('is read in little time, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => void programVersions.parse(comparableVersion('java', text))),
    );
    for (const text of ['1.'.repeat(50_000), '1-'.repeat(50_000), `1${'p1'.repeat(50_000)}`])
      assert.equal(programVersions.parse(comparableVersion('x', text)), undefined);
  });
});
