import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Detection } from '../../contract/detector.ts';
import { readFiles } from '../read-files.fixture.ts';
import { deps, NUGET } from './detect-deps.ts';
import { lookups } from './lookups.ts';

const PATH = 'app/lab.deps.json';

const read = (contents: Readonly<Record<string, string | Buffer>>): Detection[] => readFiles(deps, contents);

function lines(found: readonly Detection[]): string[] {
  return found.map((item) => {
    if (item.found === 'problem') return `! ${item.where}: ${item.reason}`;
    return item.found === 'package' ? `${item.package.name} ${item.package.version}` : item.found;
  });
}

const TARGET = '.NETCoreApp,Version=v8.0/linux-x64';
const dll = (name: string) => ({ [name]: { assemblyVersion: '1.0.0.0', fileVersion: '1.0.0.0' } });
const APPLICATION = {
  runtimeTarget: { name: TARGET, signature: '' },
  compilationOptions: {},
  targets: {
    '.NETCoreApp,Version=v8.0': {},
    [TARGET]: {
      'lab/1.0.0': { dependencies: { 'Acme.Lab': '13.0.1' }, runtime: dll('lab.dll') },
      'Acme.Lab/13.0.1': { runtime: dll('lib/net6.0/Acme.Lab.dll') },
      'Acme.Native/2.0.0-rc.1': { runtimeTargets: { 'runtimes/linux-x64/native/libacme.so': {} } },
      'Acme.Words/1.2.3.4': { resources: { 'lib/de/words.dll': { locale: 'de' } } },
      'Acme.Meta/4.3.0': { dependencies: { 'Acme.Lab': '13.0.1' } },
      'Acme.Nothing/4.3.0': { runtime: { 'lib/net6.0/_._': {} } },
      'Acme.Compile/1.0.0': { compile: dll('ref/compile.dll'), compileOnly: true },
      'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1': { runtime: dll('System.Net.Http.dll') },
    },
  },
  libraries: {
    'lab/1.0.0': { type: 'project', serviceable: false, sha512: '' },
    'Acme.Lab/13.0.1': { type: 'package', serviceable: true, sha512: 'sha512-x', path: 'acme.lab/13.0.1' },
    'Acme.Native/2.0.0-rc.1': { type: 'package' },
    'Acme.Words/1.2.3.4': { type: 'package' },
    'Acme.Meta/4.3.0': { type: 'package' },
    'Acme.Nothing/4.3.0': { type: 'package' },
    'Acme.Compile/1.0.0': { type: 'package' },
    'Acme.Unlisted/1.0.0': { type: 'package' },
    'Acme.File/1.0.0': { type: 'reference' },
    'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1': { type: 'runtimepack' },
  },
};

describe('.deps.json', () => {
  it('names the packages that are in the application, and the runtime', () => {
    assert.deepEqual(lines(read({ [PATH]: `\uFEFF${JSON.stringify(APPLICATION)}` })), [
      'Acme.Lab 13.0.1',
      'Acme.Native 2.0.0-rc.1',
      'Acme.Words 1.2.3.4',
      'Acme.Unlisted 1.0.0',
      'Microsoft.NETCore.App.Runtime.linux-x64 8.0.1',
      'repository',
    ]);
  });

  it('of the shared runtime names that', () => {
    const name = 'Microsoft.NETCore.App.Runtime.linux-x64/8.0.1';
    const shared = {
      targets: { x: { [name]: { native: { 'libclrjit.so': {} } } } },
      libraries: { [name]: { type: 'package' } },
    };
    assert.deepEqual(
      read({ 'usr/share/dotnet/shared/Microsoft.NETCore.App.deps.json': JSON.stringify(shared) }),
      [
        {
          found: 'package',
          package: {
            name: 'Microsoft.NETCore.App.Runtime.linux-x64',
            version: '8.0.1',
            kind: 'binary',
            database: 'nuget:usr/share/dotnet/shared/Microsoft.NETCore.App.deps.json',
            path: 'usr/share/dotnet/shared/Microsoft.NETCore.App.deps.json',
          },
        },
        { found: 'repository', repository: NUGET },
      ],
    );
  });

  const cases: [what: string, document: unknown, want: string[]][] = [
    ['without targets', { libraries: { 'A/1.0.0': { type: 'package' } } }, ['A 1.0.0', 'repository']],
    [
      'of an unknown target',
      { ...APPLICATION, runtimeTarget: { name: 'x' }, libraries: { 'Acme.Meta/4.3.0': { type: 'package' } } },
      ['Acme.Meta 4.3.0', 'repository'],
    ],
    ['of no packages', { libraries: { 'lab/1.0.0': { type: 'project' } } }, []],
    [
      'of unreadable names',
      {
        libraries: {
          A: { type: 'package' },
          '/1.0': { type: 'package' },
          'A/': { type: 'package' },
          'B/1.0': { type: 'package' },
        },
      },
      ['B 1.0', `! ${PATH}: 3 of its libraries have no readable type, name and version`, 'repository'],
    ],
    [
      'of a type that is none',
      { libraries: { 'A/1.0': { type: 'packbge' }, 'B/1.0': { type: 'package' } } },
      ['B 1.0', `! ${PATH}: 1 of its libraries have no readable type, name and version`, 'repository'],
    ],
    ['of no libraries', { libraries: [] }, [`! ${PATH}: it has no libraries`]],
    ['of null', null, [`! ${PATH}: it has no libraries`]],
  ];
  for (const [what, document, want] of cases) {
    it(what, () => assert.deepEqual(lines(read({ [PATH]: JSON.stringify(document) })), want));
  }

  it('that is broken does not lose another', () => {
    for (const text of ['', '{', '7', '['.repeat(100_000), ' '.repeat(17 * 1024 * 1024)]) {
      const found = lines(read({ [PATH]: text, 'b.deps.json': '{"libraries":{"A/1":{"type":"package"}}}' }));
      assert.match(found[0]!, /^! app/);
      assert.deepEqual(found.slice(1), ['A 1', 'repository']);
    }
  });

  const places: [string, boolean][] = [
    [PATH, true],
    ['lab.deps.json', true],
    ['app/.deps.json', false],
    ['app/deps.json', false],
    ['app/lab.runtimeconfig.json', false],
    ['app/lab.deps.json.bak', false],
    ['app/.wh.lab.deps.json', false],
  ];
  for (const [path, want] of places) {
    it(`${path}: ${want}`, () =>
      assert.equal(deps.wants?.({ path, type: 'file', size: 1, mode: 0o644 }), want));
  }
  it('is a file', () => {
    assert.equal(deps.wants?.({ path: PATH, type: 'symlink', size: 0, mode: 0o777 }), false);
  });

  it('may be anything', () => {
    const text = JSON.stringify(APPLICATION);
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.nat(text.length),
        fc.nat(text.length),
        fc.uint8Array(),
        (json, from, to, bytes) => {
          const bent = Buffer.concat([Buffer.from(text.slice(0, from)), bytes, Buffer.from(text.slice(to))]);
          const wrapped = { targets: json, libraries: { 'A/1': json }, runtimeTarget: json };
          const found = read({ a: JSON.stringify(json), b: JSON.stringify(wrapped), c: bent });
          for (const item of found)
            if (item.found === 'package') assert.ok(item.package.name && item.package.version);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('lookups of nuget', () => {
  const found = { name: 'Acme.Lab', version: '13.0.1', kind: 'binary' } as const;
  it('are of the repository nuget, by the name in lower case', () => {
    assert.deepEqual(lookups({ package: found, repository: NUGET }), [
      { scope: 'nuget', name: 'acme.lab', kind: 'binary', version: '13.0.1' },
    ]);
  });
  it('are none elsewhere', () => {
    assert.deepEqual(lookups({ package: found }), []);
    assert.deepEqual(lookups({ package: found, repository: { name: 'npm' } }), []);
  });
});
