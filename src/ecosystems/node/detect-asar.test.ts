import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Detection } from '../../contract/detector.ts';
import { asFile } from '../../formats/programs/programs.fixture.ts';
import { type AsarFiles, asar, asarOf } from './asar.fixture.ts';
import { electronArchives } from './detect-asar.ts';
import { NPM } from './detect-package-json.ts';

const PATH = 'opt/Lab/resources/app.asar';

function inspect(bytes: Buffer): Detection[] {
  return [...electronArchives.inspect!(asFile(bytes, PATH), asFile(bytes, PATH))];
}

const told = (bytes: Buffer): string[] =>
  inspect(bytes).flatMap((each) => {
    if (each.found === 'package') return `${each.package.name} ${each.package.version}`;
    return each.found === 'problem'
      ? `${each.kind ?? '!'} ${each.where.slice(PATH.length)} ${each.reason}`
      : [];
  });

const LODASH = '{"name":"lodash","version":"4.17.20"}';
const NOTHING =
  'note  an archive of Electron without packages: what was bundled into its scripts is not known';

describe('archives of Electron', () => {
  for (const [path, is] of [
    [PATH, true],
    ['app.asar', true],
    ['opt/Lab/resources/app.asar.unpacked/x', false],
    ['opt/Lab/resources/app.asar.gz', false],
  ] as const)
    it(`${path}: ${is}`, () =>
      assert.equal(electronArchives.inspects!({ path, type: 'file', size: 1, mode: 0o644 }), is));

  const cases: [what: string, files: AsarFiles, want: string[]][] = [
    [
      'packages at every depth',
      {
        'package.json': '{"name":"lab","version":"1.0.0"}',
        'main.js': 'x',
        'node_modules/lodash/package.json': LODASH,
        'node_modules/lodash/fp/package.json': '{"name":"fp","version":"1"}',
        'node_modules/@s/a/node_modules/b/package.json': '{"name":"b","version":"2.0.0"}',
        'node_modules/@s/a/package.json': '{"name":"@s/a","version":"1.2.3"}',
      },
      ['lodash 4.17.20', 'b 2.0.0', '@s/a 1.2.3'],
    ],
    ['an application that was bundled', { 'package.json': LODASH, 'main.js': 'x' }, [NOTHING]],
    [
      'what lies beside it, or is a link',
      {
        'node_modules/a/package.json': { size: 9, unpacked: true },
        'node_modules/b/package.json': { link: 'x' },
      },
      [NOTHING],
    ],
    [
      'one that cannot be read loses no other',
      {
        'node_modules/a/package.json': '{"cut',
        'node_modules/b/package.json': '{"name":"b"}',
        'node_modules/c/package.json': { size: 10, offset: '99999' },
        'node_modules/d/package.json': { size: 10, offset: 'x' },
        'node_modules/e/package.json': '{"private":true}',
        'node_modules/lodash/package.json': LODASH,
      },
      [
        '! :node_modules/a/package.json the JSON is truncated',
        '! :node_modules/b/package.json an installed package without name or version',
        '! :node_modules/c/package.json it is outside of the file',
        '! :node_modules/d/package.json it is outside of the file',
        'lodash 4.17.20',
      ],
    ],
  ];
  for (const [what, files, want] of cases) it(what, () => assert.deepEqual(told(asar(files)), want));

  it('say where a package is, and where it is from', () => {
    const found = inspect(asar({ 'node_modules/lodash/package.json': LODASH }));
    assert.ok(found[0]?.found === 'package');
    assert.deepEqual(
      [found[0].package.path, found[0].package.database],
      [PATH, `nodejs:${PATH}:node_modules/lodash/package.json`],
    );
    assert.deepEqual(found[1], { found: 'repository', repository: NPM });
  });

  const deep = `{"files":${'{"a":{"files":'.repeat(300)}{}${'}}'.repeat(300)}}`;
  const broken: [string, Buffer, RegExp][] = [
    ['nothing', Buffer.from('x'), /no archive of Electron/],
    ['a text', Buffer.from('no archive, but long enough for its head'), /no archive of Electron/],
    ['one that is cut', asar({ a: 'b' }).subarray(0, 24), /ends within its directory/],
    ['a directory that is no JSON', asarOf('{"files":', Buffer.alloc(0)), /JSON/],
    ['a directory of nothing', asarOf('[]', Buffer.alloc(0)), /no directory/],
    ['folders without end', asarOf(deep, Buffer.alloc(0)), /deeper than 200/],
  ];
  for (const [what, bytes, want] of broken)
    it(`tells of ${what}`, () => assert.match(told(bytes).join(), want));

  it('of any bytes are read or told', () => {
    const sound = asar({ 'node_modules/lodash/package.json': LODASH, 'node_modules/b/package.json': LODASH });
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(64), (at, byte, cut) => {
        const damaged = Buffer.from(sound.subarray(0, sound.length - cut));
        damaged[Math.min(at, damaged.length - 1)] = byte;
        assert.ok(told(damaged).length > 0);
      }),
      { numRuns: 1500 },
    );
  });
});
