import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lines, listed } from './lock-files.fixture.ts';

const TOLD = '! a project that needs packages without a lock file';
const UNREAD = '! a project that needs packages in a list that is not read';

type Row = [path: string, needs: string, none: string, lock?: string];
/** What needs packages, what needs none, and the list that says which. */
const rows: Row[] = [
  ['package.json', '{"dependencies":{"lodash":"^4"}}', '{"dependencies":{"x":"workspace:*"}}', 'bun.lockb'],
  ['package.json', '\uFEFF{"devDependencies":{"lodash":"^4"}}', '{"type":"module"}', 'node_modules/x'],
  ['deno.json', '{"imports":{"l":"npm:lodash@4"}}', '{"imports":{"l":"./l.ts"}}', 'deno.lock'],
  ['bower.json', '{"dependencies":{"jquery":"1"}}', '{"name":"x"}', 'bower_components/x'],
  [
    'pyproject.toml',
    '[project]\ndependencies = [\n  # x\n  "django",\n]\n',
    '[build-system]\nrequires = ["x"]\n',
  ],
  [
    'pyproject.toml',
    '[tool.poetry.dependencies]\npython = "^3"\ndjango = "*"\n',
    '[tool.poetry.dependencies]\npython = "^3"\n[x]\ny = 1\n',
  ],
  ['setup.py', 'setup(install_requires=["django"])', 'setup(name="x")', 'requirements/base.txt'],
  ['setup.cfg', '[options]\ninstall_requires =\n  django\n', '[metadata]\nname = x\n', '.venv/x'],
  ['Pipfile', '[packages]\ndjango = "*"\n', '[packages]\n\n[requires]\npython_version = "3"\n'],
  ['requirements.in', 'django\n', '# none\n', 'requirements.txt'],
  ['environment.yml', 'dependencies:\n  - python=3\n', 'name: x\n', 'conda-lock.yml'],
  ['pixi.toml', '[dependencies]\npython = "3"\n', '[project]\nname = "x"\n', 'pixi.lock'],
  ['Gemfile', 'source "x"\ngem "rack"\n', 'source "x"\n', 'Gemfile.lock'],
  ['x.gemspec', 's.add_dependency "rack"', 's.name = "x"', 'gems.locked'],
  ['Cargo.toml', '[target.x.dependencies]\ntime = "1"\n', '[package]\nname = "x"\n', 'Cargo.lock'],
  [
    'composer.json',
    '{"require":{"php":"8","a/b":"1"}}',
    '{"require":{"php":"8","ext-json":"*"}}',
    'vendor/x',
  ],
  ['mix.exs', '[{:phoenix, "~> 1.6"}]', 'defp deps do []', 'mix.lock'],
  ['rebar.config', '{deps, [{cowboy, "2"}]}.', '{deps, []}.', 'rebar.lock'],
  ['pubspec.yaml', 'dependencies:\n  http: ^1\n', 'name: x\n', 'pubspec.lock'],
  ['Package.swift', '.package(url: "x", from: "1")', '.package(path: "../x")', 'Package.resolved'],
  ['x.csproj', '<PackageReference Include="x" />', '<Project />', 'packages.lock.json'],
  ['paket.dependencies', 'nuget x\n', 'source x\n', 'paket.lock'],
  ['build.gradle', "implementation 'a:b:1'", 'plugins { }', 'gradle.lockfile'],
  ['build.gradle.kts', 'testImplementation(libs.junit)', 'plugins { }', 'gradle.lockfile'],
  ['build.sbt', 'libraryDependencies += x', 'name := "x"', 'build.sbt.lock'],
  ['x.cabal', 'library\n  build-depends: base\n', 'name: x\n', 'cabal.project.freeze'],
  ['stack.yaml', 'resolver: lts-18\n', 'flags: {}\n', 'stack.yaml.lock'],
  ['x.opam', 'depends: [\n  "lwt"\n]', 'depends: []', 'x.opam.locked'],
  ['Project.toml', '[deps]\nHTTP = "x"\n', 'name = "x"\n', 'Manifest.toml'],
  ['DESCRIPTION', 'Package: x\nImports:\n    readxl\n', 'Package: x\n', 'renv.lock'],
  ['Gopkg.lock', '[[projects]]\n', '', 'go.mod'],
  ['cpanfile', "requires 'LWP';", '# none', 'cpanfile.snapshot'],
  ['conanfile.txt', '[requires]\nzlib/1\n', '[generators]\ncmake\n', 'conan.lock'],
  ['Podfile', "pod 'x'", 'platform :ios', 'Podfile.lock'],
];
const unread: Row[] = [
  ['ivy.xml', '<dependency org="a"/>', '<ivy-module/>'],
  ['project.clj', ':dependencies [[a/b "1"]]', ':dependencies []'],
  ['deps.edn', '{a/b {:mvn/version "1"}}', '{:paths ["src"]}'],
  ['maven_install.json', '{"artifacts":{}}', '{}'],
  ['MODULE.bazel', 'bazel_dep(name = "x")', 'module(name = "x")'],
  ['WORKSPACE', 'http_archive(name = "x")', 'workspace(name = "x")'],
  ['x-1.rockspec', 'dependencies = { "lua" }', 'dependencies = {}'],
  ['vcpkg.json', '{"dependencies": ["zlib"]}', '{"dependencies": []}'],
  ['Cartfile', 'github "a/b"', '# none'],
  ['shard.yml', 'dependencies:\n  x:\n', 'name: x\n'],
  ['elm.json', '{"dependencies":{"elm/core":"1"}}', '{"dependencies":{}}'],
  ['x.nimble', 'requires "y"', 'version = "1"'],
  ['build.zig.zon', '.url = "x"', '.paths = .{}'],
  ['subprojects/zlib.wrap', '[wrap-file]\n', '\n'],
];

describe('projects in folders of sources', () => {
  for (const [all, want] of [
    [rows, TOLD],
    [unread, UNREAD],
  ] as const)
    for (const [path, needs, none, lock] of all)
      it(`${path}: ${JSON.stringify(needs)}`, () => {
        assert.deepEqual(listed({ [`a/${path}`]: needs }), [want]);
        assert.deepEqual(listed({ [`a/${path}`]: none }), []);
        if (lock === undefined) return;
        const isTold = (files: Record<string, string>) => listed(files).includes(want);
        assert.equal(isTold({ [`a/${path}`]: needs, [`a/${lock}`]: '' }), false);
        assert.equal(isTold({ [`a/${path}`]: needs, [lock]: '' }), false, 'of a workspace');
        assert.equal(isTold({ [`a/${path}`]: needs, [`b/${lock}`]: '' }), true, 'of another project');
      });

  it('are not those that are installed, nor samples', () => {
    for (const folder of ['node_modules/x', 'vendor/x', 'test/data', 'examples/x', 'docs', 'fixtures'])
      assert.deepEqual(listed({ [`${folder}/package.json`]: rows[0]![1] }), []);
  });

  it('that cannot be read are told', () => {
    const [found, ...more] = listed({ 'package.json': '{"dependencies"' });
    assert.match(found ?? '', /^! what the project needs cannot be read: .*JSON/);
    assert.deepEqual(more, []);
    assert.deepEqual(listed({ 'build.gradle': '\n'.repeat(1024 * 1024 + 1) }), [
      '! a project file that is too large: its packages are not known',
    ]);
  });

  it('are read in time proportional to their size', () => {
    const pieces = [
      '\n',
      ' ',
      '{',
      '[',
      '#  \n',
      'Package:\n',
      '.package(name:',
      'dependencies = [',
      'python = 1\n',
      'a.',
    ];
    for (const piece of pieces)
      for (const [path] of [...rows, ...unread])
        assert.ok(listed({ [path]: piece.repeat((1024 * 1024) / piece.length) }).length <= 1);
  });

  it('say nothing of a list that was read', () =>
    assert.deepEqual(listed({ 'requirements.in': 'django\n', 'requirements.txt': lines('django==3.2') }), [
      'django 3.2',
    ]));
});
