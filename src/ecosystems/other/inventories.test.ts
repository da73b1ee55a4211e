import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readFiles } from '../read-files.fixture.ts';
import { inventories } from './inventories.ts';

const npm = JSON.stringify({
  packages: {
    '': { name: 'app' },
    'node_modules/lodash': { version: '4.17.0' },
    'node_modules/a/node_modules/@s/b': { version: '1.0.0' },
    'node_modules/mocha': { version: '1.0.0', dev: true },
    'node_modules/fsevents': { version: '1.0.0', optional: true },
  },
});

/** What a file of this name lists; undefined: it lists nothing that can be told. */
function listed(path: string, text: string) {
  const [found] = readFiles(inventories, { [path]: text });
  assert.ok(found?.found === 'problem');
  assert.deepEqual([found.kind, found.where], ['unread-inventory', path]);
  return found.lists && `${found.lists.detectors[0]}: ${found.lists.names.join(' ')}`;
}

describe('lists of packages that are not read', () => {
  const cases: [path: string, text: string, want: string | undefined][] = [
    ['app/package-lock.json', npm, 'nodejs: lodash @s/b'],
    ['package-lock.json', '{"dependencies":{"jose":{"version":"1.0.0"},"x":{"dev":true}}}', 'nodejs: jose'],
    [
      'yarn.lock',
      '# yarn\n\n"@s/b@^1":\n  version "1"\nlodash@^4, lodash@~4:\n  version "4"\n',
      'nodejs: @s/b lodash',
    ],
    [
      'pnpm-lock.yaml',
      "packages:\n\n  '@s/b@1.0.0':\n    x: y\n  lodash@4.17.0:\n    x: y\n",
      'nodejs: @s/b lodash',
    ],
    [
      'bun.lock',
      '{\n  "packages": {\n    "lodash": ["lodash@4.17.0", "", {}],\n    "x/@s/b": ["@s/b@1.0.0", ""],\n  }\n}\n',
      'nodejs: lodash @s/b',
    ],
    ['bun.lockb', 'bun-lockfile-format-v0', undefined],
    [
      'deno.lock',
      '{"version":"5","specifiers":{"npm:a@1":"1"},"npm":{"a@1.0.0": {},"@s/b@2.0.0_c@1.0.0":{}}}',
      'nodejs: a @s/b',
    ],
    [
      '.pnp.cjs',
      '    "packageRegistryData": [\n      ["lodash", [\n        ["npm:4.17.0", {\n      ["@s/b", [\n',
      'nodejs: lodash @s/b',
    ],
    [
      '.pnp.data.json',
      '{"packageRegistryData":[[null,[]],["lodash",[["npm:4.17.20",{}]]],["@s/b",[]]]}',
      'nodejs: lodash @s/b',
    ],
    [
      'requirements.txt',
      '# c\n-r other.txt\nDjango==1.0 ; x\n zope.interface>=5\n',
      'python: Django zope.interface',
    ],
    ['Pipfile.lock', '{"default":{"django":{}},"develop":{"pytest":{}}}', 'python: django'],
    ['poetry.lock', '[[package]]\nname = "django"\nversion = "1"\n', 'python: django'],
    [
      'pom.xml',
      '<artifactId>app</artifactId><dependencies><dependency><groupId>g</groupId><artifactId>log4j-core</artifactId></dependency></dependencies>',
      'java: log4j-core',
    ],
    ['gradle.lockfile', '# x\norg.acme:lib:1.0=compileClasspath\n', 'java: lib'],
    ['Gemfile.lock', 'GEM\n  specs:\n    rails (7.0.0)\n      rack (>= 2)\n', 'ruby: rails'],
    ['composer.lock', '{"packages":[{"name":"a/b"}],"packages-dev":[{"name":"c/d"}]}', 'composer: a/b'],
    [
      'go.mod',
      'module x\n\nrequire (\n\tgolang.org/x/net v0.1.0\n)\nrequire example.com/y v1.0.0\n',
      'gobin: golang.org/x/net example.com/y',
    ],
    ['Cargo.lock', '[[package]]\nname = "time"\n', 'cargo-auditable: time'],
    ['usr/src/app/pylock.toml', '[[packages]]\nname = "django"\n', 'python: django'],
    ['gems.locked', 'GEM\n  specs:\n    rails (7.0.0)\n', 'ruby: rails'],
    ['rebar.lock', '[{<<"cowlib">>,{pkg,<<"cowlib">>,<<"2.0">>},0}].\n', 'hex: cowlib'],
    ['packages.config', '<packages><package id="A.B" version="1" /></packages>', 'dotnet-deps: A.B'],
    ['paket.lock', 'NUGET\n  remote: x\n    A.B (1.0)\n      C (>= 1)\n', 'dotnet-deps: A.B'],
    [
      'Directory.Packages.props',
      '<Project><ItemGroup><PackageVersion Include="A.B" Version="1" /></ItemGroup></Project>',
      'dotnet-deps: A.B',
    ],
    ['pixi.lock', 'packages:\n- conda: x\n  name: zlib\n- pypi: y\n  name: jose\n', 'python: zlib jose'],
    ['conda-lock.yml', 'package:\n- name: zlib\n  version: 1\n', 'python: zlib'],
    [
      'cpanfile.snapshot',
      '# carton snapshot format\nDISTRIBUTIONS\n  Plack-1.0\n    pathname: x\n',
      'cpan: Plack',
    ],
    ['pubspec.lock', 'packages:\n  http:\n    version: "1"\nsdks:\n  dart: ">=3"\n', 'pub-lock: http'],
    ['Package.resolved', '{"pins":[{"identity":"nio","state":{}}]}', 'swift-lock: nio'],
    ['renv.lock', '{"Packages":{"a":{"Package": "a","Version":"1"}}}', 'cran: a'],
    ['stack.yaml.lock', 'packages:\n- completed:\n    hackage: a-b-1.0@sha256:x,1\n', 'haskell-lock: a-b'],
    ['cabal.project.freeze', 'constraints: any.aeson ==2.0,\n', 'haskell-lock: aeson'],
    ['build.sbt.lock', '{"dependencies":[{"org":"g","name":"a"}]}', 'java: a'],
    ['lab.opam.locked', 'depends: [\n  "dune" {= "3.0"}\n]\n', 'opam: dune'],
    ['package-lock.json', '{"cut', undefined],
  ];
  for (const [path, text, want] of cases)
    it(`${path}: ${want}`, () => assert.equal(listed(path, text), want));

  const wanted = (path: string) => inventories.wants!({ path, type: 'file', size: 1, mode: 0o644 });
  for (const [path, want] of [
    ['package-lock.json', true],
    ['srv/app/requirements-prod.txt', true],
    ['srv/app/node_modules/x/yarn.lock', false],
    ['usr/share/doc/x/requirements.txt', false],
    ['go/pkg/mod/golang.org/x/net@v1/go.mod', false],
    ['srv/app/tests/Gemfile.lock', false],
    ['srv/app/package.json', false],
  ] as const)
    it(`${path} is ${want ? '' : 'not '}one`, () => assert.equal(wanted(path), want));

  it('tells of a list whatever is in it', () => {
    const names = ['package-lock.json', 'pom.xml', 'pnpm-lock.yaml', 'yarn.lock', 'go.mod'];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.string({ maxLength: 300 }), (name, text) => {
        listed(name, text);
      }),
      { numRuns: 2000 },
    );
  });
});
