import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Detection } from '../../contract/detector.ts';
import { makeZip, type ZipMember } from '../../formats/archives/zip.fixture.ts';
import { asFile } from '../../formats/programs/programs.fixture.ts';
import { yarnCache } from './detect-yarn-cache.ts';

const PATH =
  'app/.yarn/cache/lodash-npm-4.17.20-6382451519-b31afa09739b7292a88ec49ffdb2fcaeb41f690def010f7a067eeedffece32da6b6847bfe4d38a77e6f41778b9b2bca75eeab91209936518173271f0b69376ea.zip';

const manifest = (name: string, version: string, folder = name): ZipMember => ({
  name: `node_modules/${folder}/package.json`,
  content: JSON.stringify({ name, version }),
});

function inspect(bytes: Buffer): Detection[] {
  return [...yarnCache.inspect!(asFile(bytes, PATH), asFile(bytes, PATH))];
}

const found = (...members: ZipMember[]) =>
  inspect(makeZip({ members })).flatMap((each) =>
    each.found === 'package'
      ? `${each.package.name} ${each.package.version}`
      : each.found === 'problem'
        ? each.reason
        : [],
  );

describe('the cache of Yarn', () => {
  const wanted: [path: string, is: boolean][] = [
    [PATH, true],
    ['root/.yarn/berry/cache/@babel-core-npm-7.22.9-1c5f7c8b3d-10c0.zip', true],
    ['app/.yarn/cache/typescript-patch-a6e8b9a3c1-2eee5c37ca.zip', true],
    ['app/.yarn/cache/.gitignore', false],
    ['app/.yarn/releases/yarn-3.6.0.cjs', false],
    ['app/cache/lodash-npm-4.17.20-6382451519-b31afa0973.zip', false],
    ['app/.yarn/cache/backup.zip', false],
  ];
  for (const [path, is] of wanted)
    it(`${is ? 'has' : 'does not have'} ${path}`, () =>
      assert.equal(yarnCache.inspects!({ path, type: 'file', size: 100, mode: 0o644 }), is));

  const cases: [what: string, members: ZipMember[], want: string[]][] = [
    [
      'a package',
      [
        { name: 'node_modules/', content: '' },
        { name: 'node_modules/lodash/', content: '' },
        manifest('lodash', '4.17.20'),
        { name: 'node_modules/lodash/fp/package.json', content: '{"name":"fp","version":"1"}' },
      ],
      ['lodash 4.17.20'],
    ],
    ['a package of a scope', [manifest('@babel/core', '7.22.9')], ['@babel/core 7.22.9']],
    [
      'what is bundled with a package is no package of its own',
      [
        manifest('b', '2.0.0', 'a/node_modules/b'),
        { name: 'node_modules/a/package.json', content: '{"name":"a","version":"1.0.0"}' },
      ],
      ['a 1.0.0'],
    ],
    ['nothing', [{ name: 'x', content: '' }], ['there is no package in it']],
    [
      'a package without a version',
      [{ name: 'node_modules/a/package.json', content: '{"name":"a"}' }],
      ['a package without name or version'],
    ],
  ];
  for (const [what, members, want] of cases) it(what, () => assert.deepEqual(found(...members), want));

  it('is told where an archive cannot be read', () => {
    const [problem] = inspect(Buffer.from('PK nothing'));
    assert.ok(problem?.found === 'problem' && problem.where === PATH);
  });

  it('of any bytes is no reason to fail', () => {
    const sound = makeZip({ members: [manifest('lodash', '4.17.20')] });
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const damaged = Buffer.from(sound);
        damaged[at] = byte;
        assert.ok(inspect(damaged).length > 0);
      }),
      { numRuns: 1000 },
    );
  });
});
