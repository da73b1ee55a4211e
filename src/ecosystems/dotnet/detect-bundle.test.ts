import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { asFile, elf } from '../../formats/programs/programs.fixture.ts';
import { bundle, MARKER, u64 } from './bundle.fixture.ts';
import { bundles } from './detect-bundle.ts';

const DEPS = JSON.stringify({
  runtimeTarget: { name: 'net8' },
  targets: {
    net8: { 'App/1.0.0': { runtime: { 'App.dll': {} } }, 'Lab/1.2.3': { runtime: { 'Lab.dll': {} } } },
  },
  libraries: { 'App/1.0.0': { type: 'project' }, 'Lab/1.2.3': { type: 'package' } },
});
function found(bytes: Buffer): string[] {
  const entry = { path: 'app/App', type: 'file', size: bytes.length, mode: 0o755 } as const;
  if (!bundles.inspects!(entry) || !bundles.magic!(bytes.subarray(0, 512), entry)) return [];
  return [...bundles.inspect!(asFile(bytes, entry.path), entry)].map((each) => {
    if (each.found === 'package')
      return `${each.package.name} ${each.package.version} ${each.package.database}`;
    return each.found === 'problem' ? `! ${each.reason}` : each.found;
  });
}

describe('a .NET application in one file', () => {
  const NOT_READ = '! a .NET application in one file that cannot be read: ';
  const cases: [what: string, bytes: Buffer, want: string[]][] = [
    ['says its packages', bundle(DEPS), ['Lab 1.2.3 nuget:app/App', 'repository']],
    ['of an older header', bundle(DEPS, 2), ['Lab 1.2.3 nuget:app/App', 'repository']],
    ['that has no packages', bundle('', 6), []],
    ['of the first header', bundle(DEPS, 1), [`${NOT_READ}version 1 of its header`]],
    [
      'whose document is beyond its end',
      bundle(DEPS, 6, 1e9),
      [`${NOT_READ}its deps.json is not where it says`],
    ],
    ['is cut', bundle(DEPS).subarray(0, -60), [`${NOT_READ}its header is cut`]],
    [
      'a host that has nothing in it',
      elf(() => Buffer.concat([u64(0), MARKER, Buffer.alloc(4096)]), { section: '.data' }),
      [],
    ],
    ['any other program', elf(() => Buffer.alloc(5000)), []],
  ];
  for (const [what, bytes, want] of cases) it(what, () => assert.deepEqual(found(bytes), want));

  it('is told if its document cannot be read', () =>
    assert.match(found(bundle('{"libraries":[]}')).join(), /^! it has no libraries$/));

  it('is survived whatever is in it', () => {
    const whole = bundle(DEPS);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Buffer.from(whole);
        damaged[at] = byte;
        found(damaged);
      }),
      { numRuns: 2000 },
    );
  });
});
