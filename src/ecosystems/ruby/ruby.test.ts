import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Detection, EntryType, LayerView } from '../../contract/detector.ts';
import { layerFile, unreadableFile } from '../../contract/layer-file.fixture.ts';
import { readGemspec } from '../../formats/gemspec.ts';
import { readFiles } from '../read-files.fixture.ts';
import { installedGems, RUBYGEMS } from './detect-gemspecs.ts';
import { ruby } from './index.ts';
import { lookups } from './lookups.ts';

/** As RubyGems writes it. */
const gemspec = (name: string, version: string): string => `# -*- encoding: utf-8 -*-
# stub: ${name} ${version} ruby lib

Gem::Specification.new do |s|
  s.name = "${name}".freeze
  s.version = "${version}"

  s.required_rubygems_version = Gem::Requirement.new(">= 0".freeze) if s.respond_to? :required_rubygems_version=
  s.require_paths = ["lib".freeze]
  s.files = ["${'lib/x.rb".freeze, "'.repeat(100)}"]
  s.rubygems_version = "3.3.15".freeze
  s.installed_by_version = "3.3.15" if s.respond_to? :installed_by_version
end
`;

function read(contents: Readonly<Record<string, string>>): Detection[] {
  const files = Object.entries(contents)
    .map(([path, text]) => layerFile(path, text))
    .filter((file) => installedGems.wants?.({ ...file, type: 'file' }));
  const layer: LayerView = {
    files,
    file: (path) => files.find((file) => file.path === path),
    names: () => [],
    has: (path) => path in contents,
  };
  return [...(installedGems.read?.(layer) ?? [])];
}

const FOLDER = 'usr/local/bundle/specifications';

it('tells a gem and where it comes from', () => {
  assert.deepEqual(read({ [`${FOLDER}/rack-2.0.gemspec`]: gemspec('rack', '2.0') }), [
    {
      found: 'package',
      package: {
        name: 'rack',
        version: '2.0',
        kind: 'binary',
        database: `ruby:${FOLDER}/rack-2.0.gemspec`,
        path: `${FOLDER}/rack-2.0.gemspec`,
      },
    },
    { found: 'repository', repository: RUBYGEMS },
  ]);
});

describe('gems of Git repositories', () => {
  const FOLDER = 'usr/local/bundle/bundler/gems/rack-2c1e0a3b4d5f';
  const spec = (version: string) =>
    `Gem::Specification.new do |s|\n  s.name = "rack"\n  s.version = ${version}\nend\n`;
  const cases: [what: string, path: string, text: string, want: string][] = [
    ['that say their version', `${FOLDER}/rack.gemspec`, spec('"2.2.4"'), 'rack 2.2.4'],
    ['in a folder of the repository', `${FOLDER}/sub/rack.gemspec`, spec("'2.2.4'"), 'rack 2.2.4'],
    ['whose version is in another file', `${FOLDER}/rack.gemspec`, spec('Rack::RELEASE'), 'told'],
    ['that say nothing', `${FOLDER}/rack.gemspec`, 'x', 'told'],
  ];
  for (const [what, path, text, want] of cases)
    it(what, () => {
      assert.equal(installedGems.wants?.({ path, type: 'file', size: 1, mode: 0o644 }), true);
      const [found] = readFiles(installedGems, { [path]: text });
      assert.equal(
        found?.found === 'package' ? `${found.package.name} ${found.package.version}` : 'told',
        want,
      );
      if (want === 'told') assert.ok(found?.found === 'problem' && found.where === path);
    });
});

it('tells what cannot be read, and keeps the rest', () => {
  const found = read({ [`${FOLDER}/a.gemspec`]: 'x', [`${FOLDER}/b.gemspec`]: gemspec('b', '1') });
  assert.deepEqual(
    found.map((item) => (item.found === 'problem' ? item.where : item.found)),
    [`${FOLDER}/a.gemspec`, 'package', 'repository'],
  );
  assert.deepEqual(read({ 'app/foo.gemspec': gemspec('foo', '1') }), []);
});

it('tells of a file that is too big to read', () => {
  const file = unreadableFile(`${FOLDER}/a.gemspec`, 1, () => {
    throw new Error('over the limit');
  });
  assert.deepEqual(
    [...(installedGems.read?.({ files: [file], file: () => file, names: () => [], has: () => true }) ?? [])],
    [{ found: 'problem', where: file.path, reason: 'over the limit' }],
  );
});

describe('what is an installed gem', () => {
  const cases: [string, EntryType, boolean][] = [
    [`${FOLDER}/rack-2.0.gemspec`, 'file', true],
    [`${FOLDER}/default/rexml-3.1.gemspec`, 'file', true],
    [`${FOLDER}/rack-2.0.gemspec`, 'hardlink', true],
    [`${FOLDER}/rack-2.0.gemspec`, 'symlink', false],
    [`${FOLDER}/rack-2.0.gemspec`, 'directory', false],
    [`${FOLDER}/.wh.rack-2.0.gemspec`, 'file', false],
    [`${FOLDER}/.gemspec`, 'file', false],
    ['specifications/a.gemspec', 'file', true],
    ['my-specifications/a.gemspec', 'file', false],
    ['app/rack.gemspec', 'file', false],
    [`${FOLDER}/rack-2.0.gemspec.bak`, 'file', false],
  ];
  for (const [path, type, want] of cases) {
    it(`${path} as a ${type}: ${want}`, () => {
      assert.equal(installedGems.wants?.({ path, type, size: 1, mode: 0o644 }), want);
    });
  }
});

describe('gemspecs', () => {
  const cases: [string, string | undefined][] = [
    [gemspec('rack', '2.0.rc1'), 'rack 2.0.rc1'],
    ["s.name = 'a'\ns.version = '1'", 'a 1'],
    ['s.name="a"\r\ns.version="1"\r\n', 'a 1'],
    ['  spec.name = %q{a}\n  spec.version = Gem::Version.new("1")', 'a 1'],
    ['s.name = %q<a>.freeze\ns.version = Gem::Version.new("1".freeze)', 'a 1'],
    ['s.name = "a"\ns.version = "1"\ns.version = "2"', 'a 2'],
    ['s.name = NAME\ns.version = Foo::VERSION', 'NAME Foo::VERSION'],
    ['s.name = "a"\ns.version = "1" if true', undefined],
    ['s.name = "a"\n# s.version = "1"', undefined],
    ['s.name = "a"\ns.rubygems_version = "1"', undefined],
    ['s.name = ""\ns.version = "1"', undefined],
    [`s.name = "a"\ns.version = "${'1'.repeat(520)}"`, undefined],
    ['', undefined],
  ];
  for (const [text, want] of cases) {
    it(JSON.stringify(text.slice(0, 60)), () => {
      const found = readGemspec(Buffer.from(text));
      assert.equal(found && `${found.name} ${found.version}`, want);
    });
  }

  it('of any bytes are read', () => {
    const parts = fc.constantFrom(
      's.name = ',
      's.version = ',
      '"',
      "'",
      '%q{',
      '}',
      'a',
      '.freeze',
      '\n',
      '\r',
      '\0',
      ' ',
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }).map((array) => Buffer.from(array)),
      fc.array(parts, { maxLength: 20 }).map((list) => Buffer.from(list.join(''))),
    );
    fc.assert(
      fc.property(bytes, (content) => {
        const found = readGemspec(content);
        if (found !== undefined) assert.ok(found.name !== '' && found.version !== '');
      }),
      { numRuns: 1000 },
    );
    readGemspec(Buffer.from(`s.name${' '.repeat(100_000)}= `.repeat(10)));
  });
});

describe('lookups of Ruby', () => {
  const found = { name: 'rack', version: '1.0', kind: 'binary' } as const;

  it('are of the repository rubygems', () => {
    assert.deepEqual(lookups({ package: found, repository: RUBYGEMS }), [
      { scope: 'rubygems', name: 'rack', kind: 'binary', version: '1.0' },
    ]);
  });

  it('are none elsewhere', () => {
    assert.deepEqual(lookups({ package: found }), []);
    assert.deepEqual(lookups({ package: found, repository: { name: 'npm' } }), []);
  });

  it('are in the scope of the feed', async () => {
    const feeds = await ruby.feeds[0]!.feeds({}, undefined as never);
    assert.deepEqual(
      feeds.map(({ name, scopes }) => [name, scopes.map(({ key }) => key)]),
      [['osv/rubygems', ['rubygems']]],
    );
  });
});
