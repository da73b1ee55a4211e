/** What the detectors of lists find in the lists of each tool. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BUILDS } from './lock-cases-builds.fixture.ts';
import { SCRIPTS } from './lock-cases-scripts.fixture.ts';
import { listed } from './lock-files.fixture.ts';

const CASES = [...SCRIPTS, ...BUILDS];

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
