import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { linkerVersion } from './linker-version.ts';

const cases: [ldflags: string, version: string | undefined][] = [
  ['-X main.version=1.2.3', 'v1.2.3'],
  ['-s -w -X main.Version=v1.2.3 -X main.commit=abc', 'v1.2.3'],
  ['-X=main.buildVersion=1.2.3-rc.1', 'v1.2.3-rc.1'],
  [`-X 'main.version=1.2.3' -X "main.date=a b"`, 'v1.2.3'],
  [`-X='main.version=1.2.3'`, 'v1.2.3'],
  ['-X e.com/m/internal/build.AppVersion=2.0.0', 'v2.0.0'],
  ['-X e.com/m.version=2.0.0', 'v2.0.0'],
  ['-X main.version=1.0.0 -X e.com/m/build.version=2.0.0', 'v1.0.0'],
  ['-X e.com/m/a.version=1.0.0 -X e.com/m/b.version=2.0.0', undefined],
  ['-X e.com/other.version=1.0.0', undefined],
  ['-X e.com/more.version=1.0.0', undefined],
  ['-X main.goVersion=1.21.0', undefined],
  ['-X main.schemaVersion=3.0.0', undefined],
  ['-X main.version=dev', undefined],
  ['-X main.version=', undefined],
  ['-X main.version=v1.2.3-5-g0abc123', undefined],
  ['-X main.version=v1.2.3-dirty', undefined],
  ['-X main.version', undefined],
  ['-X', undefined],
  ['main.version=1.2.3', undefined],
  ['-extldflags "-X main.version=1.2.3"', undefined],
  ['', undefined],
];
for (const [ldflags, version] of cases) {
  it(JSON.stringify(ldflags), () => assert.equal(linkerVersion(ldflags, 'e.com/m'), version));
}

it('takes whatever there may be', () => {
  const words = fc.constantFrom('-X', '-X=', 'main.version=', '1.2.3', "'", '"', ' ', '=', 'e.com/m.', 'v');
  fc.assert(
    fc.property(fc.array(words), (parts) => {
      const told = linkerVersion(parts.join(''), 'e.com/m');
      assert.ok(told === undefined || told.startsWith('v'));
    }),
  );
});
