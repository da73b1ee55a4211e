/** What the detectors of lists find in the lists of each tool. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LayerView } from '../contract/detector.ts';
import { layerFile } from '../contract/layer-file.fixture.ts';
import { ecosystems } from './index.ts';

const detectors = ecosystems.flatMap((each) => each.detectors).filter(({ checkouts }) => checkouts);

/** `name version` of all that is listed in these files, then what is told beside that a file was read. */
function listed(contents: Readonly<Record<string, string | Buffer>>): string[] {
  const all = Object.entries(contents).map(([path, content]) => layerFile(path, content));
  return detectors.flatMap((detector) => {
    const files = all.filter(({ path }) => detector.wants?.({ path, type: 'file', size: 1, mode: 0o644 }));
    const file: LayerView['file'] = (path) => files.find((each) => each.path === path);
    return [...(detector.read?.({ files, file, names: () => [], has: () => false }) ?? [])].flatMap(
      (found) => {
        if (found.found === 'package') {
          const { name, version, module } = found.package;
          return `${name} ${version}${module ? ` ${module}` : ''}`;
        }
        if (found.found !== 'problem') return [];
        return found.kind === 'note' && found.reason.endsWith('it was read') ? [] : `! ${found.reason}`;
      },
    );
  });
}

const lines = (...all: string[]): string => `${all.join('\n')}\n`;

type Case = [path: string, content: string | Record<string, string>, want: readonly string[]];

const CASES: readonly Case[] = [
  [
    'package-lock.json',
    JSON.stringify({
      lockfileVersion: 3,
      packages: {
        '': { name: 'app', version: '1.0.0' },
        'packages/own': { version: '1.0.0' },
        'node_modules/own': { link: true, resolved: 'packages/own' },
        'node_modules/lodash': { version: '4.17.0' },
        'node_modules/a/node_modules/@s/b': { version: '1.0.0', dev: true },
        'node_modules/alias': { name: 'real', version: '2.0.0' },
      },
    }),
    ['lodash 4.17.0', '@s/b 1.0.0', 'real 2.0.0'],
  ],
  [
    'npm-shrinkwrap.json',
    '{"lockfileVersion":1,"dependencies":{"a":{"version":"1.0.0","dependencies":{"b":{"version":"2.0.0"}}},"l":{"version":"npm:@s/x@3.0.0"},"f":{"version":"file:f"}}}',
    ['a 1.0.0', '@s/x 3.0.0', 'b 2.0.0'],
  ],
  [
    'yarn.lock',
    lines(
      '# yarn lockfile v1',
      '',
      '"@s/b@^1", "@s/b@^1.1":',
      '  version "1.2.0"',
      '  dependencies:',
      '    version "9.9.9"',
      'lodash@^4, lodash@~4:',
      '  version "4.17.0"',
      'other@npm:real@^2:',
      '  version "2.0.0"',
      '"own@file:./own":',
      '  version "0.0.0"',
    ),
    ['@s/b 1.2.0', 'lodash 4.17.0', 'real 2.0.0'],
  ],
  [
    'web/yarn.lock',
    lines(
      '__metadata:',
      '  version: 8',
      '',
      '"@s/b@npm:^1, @s/b@npm:^1.1":',
      '  version: 1.2.0',
      '  resolution: "@s/b@npm:1.2.0"',
      '  linkType: hard',
      '"app@workspace:.":',
      '  version: 0.0.0-use.local',
      '  resolution: "app@workspace:."',
      '  linkType: soft',
      '"fs@patch:fs@npm%3A2#~builtin":',
      '  version: 2.0.0',
      '  resolution: "fs@patch:fs@npm%3A2.0.0#~builtin::version=2.0.0"',
      '"other@npm:real@^3":',
      '  version: 3.0.0',
      '  resolution: "real@npm:3.0.0"',
    ),
    ['@s/b 1.2.0', 'fs 2.0.0', 'real 3.0.0'],
  ],
  [
    'pnpm-lock.yaml',
    lines(
      "lockfileVersion: '9.0'",
      'importers:',
      '  .:',
      '    dependencies:',
      'packages:',
      '',
      "  '@s/b@1.0.0':",
      '    resolution: {integrity: x}',
      '  lodash@4.17.0:',
      '    resolution: {integrity: x}',
      '  git@https://codeload.example.com/x:',
      '    resolution: {tarball: x}',
      '    version: 7.0.0',
      '  own@file:own:',
      '    resolution: {directory: own, type: directory}',
      'snapshots:',
      '  lodash@9.9.9(x@1): {}',
    ),
    ['@s/b 1.0.0', 'lodash 4.17.0', 'git 7.0.0'],
  ],
  [
    'old/pnpm-lock.yaml',
    lines(
      'lockfileVersion: 5.4',
      'packages:',
      '  /@s/b/1.0.0_peer@2.0.0:',
      '    dev: false',
      '  /lodash/4.17.0:',
      '    dev: true',
    ),
    ['@s/b 1.0.0', 'lodash 4.17.0'],
  ],
  [
    'six/pnpm-lock.yaml',
    lines("lockfileVersion: '6.0'", 'packages:', '  /@s/b@1.0.0(peer@2.0.0):', '    dev: false'),
    ['@s/b 1.0.0'],
  ],
  [
    'bun.lock',
    '{"lockfileVersion":1,"packages":{"lodash":["lodash@4.17.0","",{},"s,]"],"x/@s/b":["@s/b@1.0.0",],"own":["own@workspace:own"],},}',
    ['lodash 4.17.0', '@s/b 1.0.0'],
  ],
  [
    'bun.lockb',
    'bun-lockfile-format-v0',
    [
      '! a list of packages that cannot be read: it is in the binary form; `bun install --save-text-lockfile` writes one that is read',
    ],
  ],
  [
    'deno.lock',
    '{"version":"5","specifiers":{"npm:a@1":"1.0.0"},"jsr":{"@std/fs@1.0.0":{}},"npm":{"a@1.0.0":{},"@s/b@2.0.0_react@18.0.0":{}},"remote":{"https://deno.land/std/x.ts":"0"}}',
    [
      'a 1.0.0',
      '@s/b 2.0.0',
      '! 1 JSR package without a covering feed',
      '! 1 module imported by URL without a covering feed',
    ],
  ],
  ['deno.lock', '{"version":"3","packages":{"npm":{"a@1.0.0":{}}}}', ['a 1.0.0']],
  ['deno.lock', '{"version":"2","npm":{"specifiers":{},"packages":{"a@1.0.0":{}}}}', ['a 1.0.0']],
  ['deno.lock', '{}', ['! a list of packages that cannot be read: it is no lock file of Deno']],
  [
    'poetry.lock',
    lines(
      '[[package]]',
      'name = "Django"',
      'version = "1.0"',
      'description = """',
      '[[package]]',
      'name = "none"',
      '"""',
      '[package.dependencies]',
      'name = "x"',
      '[[package]]',
      'name = "own"',
      'version = "1"',
      '[package.source]',
      'type = "directory"',
      '[metadata]',
      'name = "y"',
    ),
    ['django 1.0'],
  ],
  [
    'uv.lock',
    lines(
      'version = 1',
      '[[package]]',
      'name = "app"',
      'version = "0.1.0"',
      'source = { virtual = "." }',
      '[[package]]',
      'name = "jinja2"',
      'version = "3.1.2"',
      'source = { registry = "https://example.com/simple" }',
      'dependencies = [',
      '    { name = "markupsafe" },',
      ']',
    ),
    ['jinja2 3.1.2'],
  ],
  ['pdm.lock', '[metadata]\nx = "y"\n[[package]]\nname = "a"\nversion = "1.0.0"\n', ['a 1.0.0']],
  [
    'pylock.toml',
    "lock-version = '1.0'\n[[packages]]\nname = 'attrs'\nversion = '25.1.0'\n[[packages]]\nname = 'own'\n[packages.directory]\npath = '.'\n",
    ['attrs 25.1.0'],
  ],
  [
    'Pipfile.lock',
    '{"_meta":{},"default":{"django":{"version":"==1.0"},"open":{},"own":{"path":"."}},"develop":{"pytest":{"version":"==7.0"}}}',
    ['django 1.0', 'pytest 7.0', '! no version of open is in it: not checked'],
  ],
  [
    'requirements.txt',
    lines(
      '# c',
      '-r other.txt',
      'Django==1.0 ; python_version > "3"',
      'a[x,y] == 2.0 \\',
      '    --hash=sha256:0',
      'b===3.0 # c',
      'open>=5',
      'any==1.*',
      'u @ https://example.com/u.zip',
      './own',
      '<html>',
    ),
    [
      'django 1.0',
      'a 2.0',
      'b 3.0',
      '! 3 packages without a pinned version, not checked: open, any, u',
      '! 1 of its lines are no requirements: <html>',
    ],
  ],
  [
    'go.mod',
    lines(
      'module example.com/app',
      'go 1.22',
      'toolchain go1.22.3',
      'require (',
      '\tgolang.org/x/net v0.1.0 // indirect',
      '\texample.com/old v1.0.0',
      ')',
      'require example.com/y v1.0.0',
      'replace example.com/old v1.0.0 => example.com/new v2.0.0',
      'replace example.com/y => ./y',
    ),
    ['stdlib 1.22.3', 'golang.org/x/net v0.1.0', 'example.com/new v2.0.0', 'example.com/y (devel)'],
  ],
  [
    'old/go.mod',
    {
      'old/go.mod': 'module m\ngo 1.16\nrequire example.com/a v1.0.0\n',
      'old/go.sum':
        'example.com/a v0.9.0 h1:x\nexample.com/b v1.0.0 h1:x\nexample.com/b v1.2.0 h1:x\nexample.com/b v1.9.0/go.mod h1:x\n',
    },
    ['stdlib 1.16', 'example.com/a v1.0.0', 'example.com/b v1.2.0'],
  ],
  [
    'bare/go.mod',
    'module m\nrequire example.com/a v1.0.0\n',
    ['example.com/a v1.0.0', '! its indirect dependencies are not listed and no go.sum exists: not checked'],
  ],
  [
    'Cargo.lock',
    lines(
      'version = 4',
      '[[package]]',
      'name = "app"',
      'version = "0.1.0"',
      '[[package]]',
      'name = "time"',
      'version = "0.1.0"',
      'source = "registry+https://github.com/rust-lang/crates.io-index"',
      '[[package]]',
      'name = "x"',
      'version = "1.0.0"',
      'source = "git+https://example.com/x#0"',
    ),
    ['time 0.1.0', 'x 1.0.0 git'],
  ],
  [
    'Gemfile.lock',
    lines(
      'PATH',
      '  remote: .',
      '  specs:',
      '    own (1.0)',
      'GEM',
      '  remote: https://example.com/',
      '  specs:',
      '    nokogiri (1.15.0-x86_64-linux)',
      '      racc (~> 1.4)',
      '    rails (7.0.0.rc1)',
      'DEPENDENCIES',
      '  rails (~> 7.0)',
    ),
    ['nokogiri 1.15.0', 'rails 7.0.0.rc1'],
  ],
  [
    'composer.lock',
    '{"packages":[{"name":"a/b","version":"v1.0.0"},{"name":"own/x","version":"1","dist":{"type":"path"}}],"packages-dev":[{"name":"c/d","version":"2.0"}]}',
    ['a/b v1.0.0', 'c/d 2.0'],
  ],
  [
    'mix.lock',
    '%{\n  "jason": {:hex, :jason, "1.4.0", "hash", [:mix], [], "hexpm", "x"},\n  "own": {:git, "https://example.com/x", "0", []},\n}\n',
    ['jason 1.4.0', '! own is from a repository: its version is not in it, and not checked'],
  ],
  ['rebar.lock', '{"1.2.0",\n[{<<"jsx">>,{pkg,<<"jsx">>,<<"3.1.0">>},0}]}.\n', ['jsx 3.1.0']],
  [
    'packages.lock.json',
    '{"version":1,"dependencies":{"net8.0":{"A":{"type":"Direct","resolved":"1.0.0"},"B":{"type":"Transitive","resolved":"2.0.0"},"own":{"type":"Project"}}}}',
    ['A 1.0.0', 'B 2.0.0'],
  ],
  [
    'packages.config',
    '<?xml version="1.0"?><packages><package id="A" version="1.0.0" /></packages>',
    ['A 1.0.0'],
  ],
  [
    'paket.lock',
    'RESTRICTION: == net8.0\nNUGET\n  remote: https://api.nuget.org/v3/index.json\n    A (1.0)\n      B (>= 1.0)\n    B (2.0-rc1) - restriction: >= net6.0\nGITHUB\n  remote: x/y\n    a.fs (abc)\nGROUP Test\nNUGET\n  remote: z\n    C (3.0)\n',
    ['A 1.0', 'B 2.0-rc1', 'C 3.0', '! what is from GITHUB is no package of NuGet, and not checked'],
  ],
  [
    'gradle.lockfile',
    '# c\norg.acme:lib:1.0=compileClasspath,runtimeClasspath\nempty=annotationProcessor\n',
    ['org.acme:lib 1.0'],
  ],
  ['build.sbt.lock', '{"dependencies":[{"org":"o","name":"n_3","version":"1.0"}]}', ['o:n_3 1.0']],
  [
    'lib/pom.xml',
    {
      'pom.xml': lines(
        '<project><groupId>g</groupId><artifactId>parent</artifactId><version>1</version>',
        '<properties><log4j>2.14.0</log4j><own.version>2.0</own.version></properties>',
        '<dependencyManagement><dependencies><dependency><groupId>m</groupId><artifactId>managed</artifactId><version>\x24{own.version}</version></dependency></dependencies></dependencyManagement></project>',
      ),
      'lib/pom.xml': lines(
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><parent><groupId>g</groupId><artifactId>parent</artifactId><version>1</version></parent><artifactId>lib</artifactId>',
        '<dependencies><dependency><groupId>o</groupId><artifactId>log4j-core</artifactId><version>\x24{log4j}</version></dependency>',
        '<dependency><groupId>m</groupId><artifactId>managed</artifactId></dependency>',
        '<dependency><groupId>\x24{project.groupId}</groupId><artifactId>sibling</artifactId><version>\x24{project.version}</version></dependency>',
        '<dependency><groupId>x</groupId><artifactId>range</artifactId><version>[1,2)</version></dependency></dependencies></project>',
      ),
    },
    [
      'o:log4j-core 2.14.0',
      'm:managed 2.0',
      'g:sibling 1',
      '! no version of x:range is in it: not checked',
      '! what its dependencies need is not in it, and not checked: scan what Maven has built',
    ],
  ],
  [
    'pom.xml',
    '<project><parent><groupId>b</groupId><artifactId>boot</artifactId><version>2</version></parent><artifactId>a</artifactId><dependencies><dependency><groupId>g</groupId><artifactId>web</artifactId></dependency></dependencies></project>',
    [
      '! no version of g:web is in it, which b:boot:2 may say: not checked',
      '! what its dependencies need is not in it, and not checked: scan what Maven has built',
    ],
  ],
  [
    'pubspec.lock',
    lines(
      'packages:',
      '  http:',
      '    dependency: "direct main"',
      '    description:',
      '      name: http',
      '    source: hosted',
      '    version: "0.13.0"',
      '  flutter:',
      '    source: sdk',
      '    version: "0.0.0"',
      'sdks:',
      '  dart: ">=2.0.0"',
    ),
    ['http 0.13.0'],
  ],
  [
    'Package.resolved',
    '{"object":{"pins":[{"package":"NIO","repositoryURL":"git@github.com:Apple/swift-nio.git","state":{"version":"2.0.0"}},{"repositoryURL":"https://u@example.com/x/","state":{"branch":"main","version":null}}]},"version":1}',
    ['github.com/apple/swift-nio 2.0.0', 'example.com/x main'],
  ],
  [
    'conan.lock',
    '{"version":"0.5","requires":["zlib/1.2.11#a%1.0","own/1.0@me/stable"],"build_requires":["cmake/3.0"]}',
    ['zlib 1.2.11', 'own 1.0', 'cmake 3.0'],
  ],
  [
    'v1/conan.lock',
    '{"graph_lock":{"nodes":{"0":{"path":"x"},"1":{"ref":"zlib/1.2.11"}}},"version":"0.4"}',
    ['zlib 1.2.11'],
  ],
  [
    'Manifest.toml',
    lines(
      'julia_version = "1.9.0"',
      '[[deps.HTTP]]',
      'uuid = "x"',
      'version = "1.0.0"',
      '[deps.HTTP.extensions]',
      'version = "9"',
      '[[deps.Dates]]',
      'uuid = "y"',
    ),
    ['HTTP 1.0.0'],
  ],
  [
    'cabal.project.freeze',
    'active-repositories: hackage\nconstraints: any.aeson ==2.0.1.0,\n             text ==1.2.3,\n             aeson +flag\n',
    ['aeson 2.0.1.0', 'text 1.2.3'],
  ],
  [
    'stack.yaml.lock',
    'packages:\n- completed:\n    hackage: some-lib-1.0.2@sha256:x,1\nsnapshots:\n- completed:\n    size: 1\n',
    ['some-lib 1.0.2', '! packages from its snapshot are not listed: not checked'],
  ],
  [
    'renv.lock',
    '{"R":{"Version":"4.3.0"},"Packages":{"a":{"Package":"a","Version":"1.0-1","Source":"Repository","Repository":"CRAN"},"b":{"Package":"b","Version":"3.0.0","Source":"Bioconductor"}}}',
    ['a 1.0-1', 'b 3.0.0'],
  ],
  [
    'Podfile.lock',
    lines('PODS:', '  - A/Core (1.0.0):', '    - B (= 2.0)', '  - "B (2.0)"', 'DEPENDENCIES:', '  - C (1.0)'),
    ['A 1.0.0', 'B 2.0'],
  ],
];

describe('lists of packages in folders of sources', () => {
  for (const [path, content, want] of CASES) {
    it(path, () => {
      const files = typeof content === 'string' ? { [path]: content } : content;
      assert.deepEqual(listed(files), want);
    });
  }

  for (const [path, content] of CASES) {
    it(`${path}: of nonsense it says that it cannot be read, or what of it cannot`, () => {
      const whole = typeof content === 'string' ? content : content[path]!;
      const text = fc.oneof(
        fc.string({ maxLength: 200 }),
        fc.nat(whole.length).map((at) => whole.slice(0, at)),
        fc
          .tuple(fc.nat(whole.length), fc.string({ maxLength: 5 }))
          .map(([at, by]) => whole.slice(0, at) + by + whole.slice(at + by.length)),
      );
      fc.assert(
        fc.property(text, (each) => {
          listed({ [path]: each });
        }),
        { numRuns: 100 },
      );
    });
  }

  it('are told where they were cut, or have lines that no tool writes', () => {
    const cut = '! it ends in the middle of a line: what follows is missing';
    const gems = 'GEM\n  remote: https://rubygems.org/\n  specs:\n    lab (1.0)\n';
    for (const [path, content, want] of [
      ['Cargo.lock', '[[package]]\nname = "lab"\nversion = "1.', [cut]],
      ['yarn.lock', '', ['! a list of packages that cannot be read: it is empty']],
      ['go.mod', 'module a\n\nrequi (\n\tb.example/c v1.0.0\n)\n', ['! an unknown directive: requi']],
      ['mix.lock', '%{\n  "lab": {:hex, :lab, "1.0", "a"},\n', ['lab 1.0', '! its end is missing']],
      [
        'mix.lock',
        '%{\n  "lab": {:hx, :lab, "1.0"},\n}\n',
        ['! a line is no package: "lab": {:hx, :lab, "1.0"},'],
      ],
      ['Gemfile.lock', `${gems}    lot [2.0]\n`, ['lab 1.0', '! a line is no gem:     lot [2.0]']],
      ['Gemfile.lock', `${gems}GEN\n`, ['lab 1.0', '! an unknown section: GEN']],
      [
        'package-lock.json',
        '{"lockfileVersion":3,"pac":{}}',
        ['! a list of packages that cannot be read: it has neither packages nor dependencies'],
      ],
      [
        'packages.config',
        '<packages><pakage id="a" version="1"/></packages>',
        ['! an element is no package: pakage'],
      ],
    ] as const) {
      assert.deepEqual(listed({ [path]: content }), want, path);
    }
  });

  it('are read with the marks and line ends of Windows', () => {
    const utf16 = Buffer.from('\ufeffdjango==1.0\r\n', 'utf16le');
    assert.deepEqual(listed({ 'requirements.txt': utf16 }), ['django 1.0']);
    for (const [path, content, want] of CASES) {
      if (typeof content !== 'string') continue;
      assert.deepEqual(listed({ [path]: `\ufeff${content.replaceAll('\n', '\r\n')}` }), want, path);
    }
  });

  for (const path of [
    'node_modules/x/package-lock.json',
    'a/vendor/x/go.mod',
    'home/.cargo/registry/src/x/Cargo.lock',
  ]) {
    it(`${path} is of an installed package`, () => assert.deepEqual(listed({ [path]: '{' }), []));
  }

  it('tells of those among inputs of tests', () => {
    assert.deepEqual(listed({ 'test/fixtures/yarn.lock': 'x' }), [
      '! a list of packages among the inputs of tests: it is not read',
    ]);
  });

  for (const path of ['package-lock.json', 'pom.xml', 'Pipfile.lock', 'go.mod', 'yarn.lock', 'poetry.lock']) {
    it(`${path} of something else is told`, () => {
      assert.match(listed({ [path]: '<html><body>404</body></html>\n' }).join(), /cannot be read/);
    });
  }
});
