import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Coalesce, Coalesced, LayerDetections } from '../contract/coalesce.ts';
import type { DetectedPackage, Detection } from '../contract/detector.ts';
import { assertNoSquare } from '../lib/growth.fixture.ts';
import type { Digest } from '../model/digest.ts';
import { type Distribution, NO_DISTRIBUTION, type Repository } from '../model/package.ts';
import { byPath, newestDatabase } from './coalesce.ts';

const DETECTOR = 'test:1:package';
const PYPI: Repository = { name: 'pypi', uri: 'https://example.com/simple' };

function digestOf(index: number): Digest {
  return `sha256:${index.toString(16).padStart(64, '0')}` as Digest;
}

function release(version: string): Distribution {
  return { ...NO_DISTRIBUTION, did: 'test', version };
}

function pkg(text: string, path: string, more: Partial<DetectedPackage> = {}): Detection {
  const [name = '', version = ''] = text.split('@');
  return { found: 'package', package: { name, version, kind: 'binary', database: path, path, ...more } };
}

function database(path: string): Detection {
  return { found: 'database', database: path, path };
}

function distribution(version: string): Detection {
  return { found: 'distribution', distribution: release(version) };
}

const repository: Detection = { found: 'repository', repository: PYPI };

/** Layer 0 upwards; a string is a whiteout. */
function image(...layers: (Detection | string)[][]): LayerDetections[] {
  return layers.map((items, index) => ({
    layer: digestOf(index),
    whiteouts: items.filter((item) => typeof item === 'string'),
    found: items.filter((item) => typeof item !== 'string').map((item) => ({ ...item, detector: DETECTOR })),
  }));
}

/** `name@version database layer [distribution]`, in the order of the report. */
function lines({ packages }: Coalesced): string[] {
  return packages.flatMap((entry) =>
    entry.environments.map((environment) => {
      const layer = Number.parseInt(environment.introducedIn.slice('sha256:'.length), 16);
      const version = environment.distribution ? ` ${environment.distribution.version}` : '';
      return `${entry.package.name}@${entry.package.version} ${environment.packageDb} ${layer}${version}`;
    }),
  );
}

type Row = [what: string, layers: LayerDetections[], want: string[]];

function table(coalesce: Coalesce, rows: Row[]): void {
  for (const [what, layers, want] of rows) it(what, () => assert.deepEqual(lines(coalesce(layers)), want));
}

describe('newestDatabase', () => {
  const db = 'var/lib/dpkg/status';
  table(newestDatabase, [
    ['no layers', [], []],
    [
      'one layer, sorted',
      image([pkg('b@1', db), pkg('a@2', db), pkg('a@10', db)]),
      [`a@10 ${db} 0`, `a@2 ${db} 0`, `b@1 ${db} 0`],
    ],
    [
      'an upgrade and a removal in a rewritten database',
      image([pkg('a@1', db), pkg('b@1', db), pkg('c@1', db)], [pkg('a@2', db), pkg('c@1', db)]),
      [`a@2 ${db} 1`, `c@1 ${db} 0`],
    ],
    ['a layer without the database', image([pkg('a@1', db)], []), [`a@1 ${db} 0`]],
    ['an emptied database', image([pkg('a@1', db)], [database(db)]), []],
    [
      'an emptied database, filled again',
      image([pkg('a@1', db)], [database(db)], [pkg('a@1', db)]),
      [`a@1 ${db} 0`],
    ],
    ['a whiteout of the file', image([pkg('a@1', db)], [db]), []],
    ['a whiteout of a directory', image([pkg('a@1', db)], ['var/lib']), []],
    ['a whiteout of the first directory', image([pkg('a@1', db)], ['var']), []],
    ['an opaque directory', image([pkg('a@1', db)], ['var/lib/dpkg/']), []],
    ['an opaque root', image([pkg('a@1', db)], ['/']), []],
    [
      'whiteouts of others',
      image([pkg('a@1', db)], ['var/li', 'ar/lib', `${db}/`, `${db}-old`, 'etc/', '']),
      [`a@1 ${db} 0`],
    ],
    ['a whiteout in the same layer', image([pkg('a@1', db), db]), [`a@1 ${db} 0`]],
    ['a whiteout with a new database', image([pkg('a@1', db)], [pkg('b@1', db), 'var/']), [`b@1 ${db} 1`]],
    ['a whiteout below', image(['var'], [pkg('a@1', db)]), [`a@1 ${db} 1`]],
    [
      'databases are apart',
      image([pkg('a@1', 'status.d/a'), pkg('b@1', 'status.d/b')], [pkg('a@2', 'status.d/a')]),
      ['a@2 status.d/a 1', 'b@1 status.d/b 0'],
    ],
    ['one package in two databases', image([pkg('a@1', 'y'), pkg('a@1', 'x')]), ['a@1 x 0', 'a@1 y 0']],
    [
      'the path may differ from the database text',
      image(
        [pkg('a@1', 'x', { database: 'sqlite:var/lib/rpm', path: 'var/lib/rpm/rpmdb.sqlite' })],
        ['var/lib/rpm/rpmdb.sqlite'],
      ),
      [],
    ],
    [
      'architectures are apart',
      image([pkg('a@1', db, { arch: 'i386' })], [pkg('a@1', db, { arch: 'amd64' })]),
      [`a@1 ${db} 1`],
    ],
    ['twice in one database', image([pkg('a@1', db), pkg('a@1', db)]), [`a@1 ${db} 0`]],
    ['the distribution of the layer', image([pkg('a@1', db), distribution('7')]), [`a@1 ${db} 0 7`]],
    [
      'the nearest distribution below',
      image([distribution('7')], [distribution('8')], [pkg('a@1', db)], [distribution('9')]),
      [`a@1 ${db} 2 8`],
    ],
    [
      'the nearest distribution above',
      image([pkg('a@1', db)], [distribution('8')], [distribution('9')]),
      [`a@1 ${db} 0 8`],
    ],
    [
      'the distribution of the layer that introduced it',
      image([pkg('a@1', db), distribution('7')], [pkg('a@1', db), pkg('b@1', db), distribution('8')]),
      [`a@1 ${db} 0 7`, `b@1 ${db} 1 8`],
    ],
  ]);

  it('takes the first distribution of a layer', () => {
    const report = newestDatabase(image([distribution('7'), distribution('8')], [distribution('9')]));
    assert.deepEqual(report.distributions, [release('7'), release('9')]);
  });
  it('reports all distributions once and knows no repositories', () => {
    const report = newestDatabase(
      image([distribution('7')], [distribution('8')], [distribution('7'), pkg('a@1', db)]),
    );
    assert.deepEqual(report.distributions, [release('7'), release('8')]);
    assert.deepEqual(report.repositories, []);
    assert.equal(report.packages[0]?.environments[0]?.repositories, undefined);
  });

  it('keeps apart what differs in source, kind or module', () => {
    const source = { name: 's', version: '1' };
    const found = [
      pkg('a@1', db),
      pkg('a@1', db, { source }),
      pkg('a@1', db, { kind: 'source' }),
      pkg('a@1', db, { module: 'm' }),
    ];
    assert.equal(newestDatabase(image(found)).packages.length, 4);
  });
});

describe('byPath', () => {
  table(byPath, [
    ['two copies', image([pkg('a@1', 'x/a')], [pkg('a@1', 'y/a')]), ['a@1 x/a 0', 'a@1 y/a 1']],
    ['an overwritten copy', image([pkg('a@1', 'x/a')], [pkg('a@2', 'x/a')]), ['a@2 x/a 1']],
    ['a copy overwritten by the same', image([pkg('a@1', 'x/a')], [pkg('a@1', 'x/a')]), ['a@1 x/a 1']],
    [
      'all packages of a path are replaced',
      image([pkg('a@1', 'x.jar'), pkg('b@1', 'x.jar')], [pkg('b@2', 'x.jar')]),
      ['b@2 x.jar 1'],
    ],
    ['a path that has nothing any more', image([pkg('a@1', 'x.jar')], [database('x.jar')]), []],
    ['a whiteout of one of two copies', image([pkg('a@1', 'x/a'), pkg('a@1', 'y/a')], ['x']), ['a@1 y/a 0']],
    [
      'an opaque directory with new content',
      image([pkg('a@1', 'x/a'), pkg('b@1', 'x/b')], ['x/', pkg('a@1', 'x/a')]),
      ['a@1 x/a 1'],
    ],
    [
      'a removed copy that comes back',
      image([pkg('a@1', 'x/a')], ['x/a'], [pkg('a@1', 'x/a')]),
      ['a@1 x/a 2'],
    ],
  ]);

  it('counts a layer that is there twice once, as the last', () => {
    const [base, layer] = image([], [pkg('a@1', 'x/a'), repository]);
    const { packages } = byPath([layer!, base!, layer!]);
    assert.deepEqual(packages[0]?.environments, [
      { packageDb: 'x/a', introducedIn: digestOf(1), repositories: [PYPI] },
    ]);
  });

  it('gives a copy the repositories of its own layer', () => {
    const report = byPath(image([pkg('a@1', 'x/a'), repository, repository], [pkg('b@1', 'x/b')]));
    assert.deepEqual(
      report.packages.map((each) => each.environments[0]?.repositories),
      [[PYPI], []],
    );
    assert.deepEqual(report.repositories, [PYPI]);
  });

  it('names the detector and leaves out where a copy was found', () => {
    const { packages } = byPath(image([pkg('a@1', 'x/a', { normalizedVersion: 'semver:0.1' })]));
    assert.deepEqual(packages[0]?.package, {
      name: 'a',
      version: '1',
      kind: 'binary',
      normalizedVersion: 'semver:0.1',
      detector: DETECTOR,
    });
  });
});

describe('laws', () => {
  const path = fc.constantFrom('a', 'a/b', 'a/c', 'b/a', 'b/a/c');
  const found: fc.Arbitrary<Detection> = fc.oneof(
    fc.tuple(fc.constantFrom('p@1', 'p@2', 'q@1'), path).map(([text, at]) => pkg(text, at)),
    path.map(database),
    fc.constantFrom('7', '8').map(distribution),
    fc.constant(repository),
  );
  const whiteout = fc.oneof(
    path,
    path.map((text) => `${text}/`),
    fc.constant('/'),
  );
  const layer = fc
    .tuple(fc.array(whiteout, { maxLength: 2 }), fc.array(found, { maxLength: 5 }))
    .map((parts) => parts.flat());
  const layers = fc.array(layer, { maxLength: 6 }).map((items) => image(...items));
  const empty: LayerDetections = { layer: digestOf(99), whiteouts: [], found: [] };

  for (const coalesce of [newestDatabase, byPath]) {
    it(`${coalesce.name}: empty layers change nothing`, () => {
      fc.assert(
        fc.property(layers, fc.nat(6), (all, at) => {
          assert.deepEqual(coalesce(all.toSpliced(at, 0, empty)), coalesce(all));
        }),
      );
    });

    it(`${coalesce.name}: the order within a layer does not matter for packages`, () => {
      fc.assert(
        fc.property(layers, (all) => {
          const packages = all.map((each) => ({
            ...each,
            found: each.found.filter((item) => item.found === 'package'),
          }));
          const turned = packages.map((each) => ({ ...each, found: each.found.toReversed() }));
          assert.deepEqual(coalesce(turned), coalesce(packages));
        }),
      );
    });

    it(`${coalesce.name}: an opaque root leaves what is above it`, () => {
      fc.assert(
        fc.property(layers, layers, (below, above) => {
          const names = (report: Coalesced) =>
            lines(report).map((line) => line.split(' ').slice(0, 2).join(' '));
          const root: LayerDetections = { layer: digestOf(98), whiteouts: ['/'], found: [] };
          assert.deepEqual(names(coalesce([...below, root, ...above])), names(coalesce(above)));
        }),
      );
    });

    it(`${coalesce.name}: removing and adding again is as adding`, () => {
      fc.assert(
        fc.property(layers, path, (all, at) => {
          const [gone, back] = image([at], [pkg('z@1', at)]);
          const [, replaced] = image([], [pkg('z@1', at), ...(coalesce === byPath ? [] : [database(at)])]);
          const names = (report: Coalesced) => lines(report).filter((line) => line.startsWith('z@1'));
          assert.deepEqual(names(coalesce([...all, gone!, back!])), names(coalesce([...all, replaced!])));
        }),
      );
    });

    it(`${coalesce.name}: is quick with many layers of many packages`, () => {
      const many = Array.from({ length: 3000 }, (_, each) =>
        pkg(`p${each}@1`, coalesce === byPath ? `usr/lib/${each}/x` : 'db'),
      );
      assertNoSquare((size) => {
        const big = image(...Array.from({ length: size }, () => [...many, 'tmp/x']));
        assert.equal(coalesce(big).packages.length, 3000);
      }, 5);
    });
  }
});
