import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import type { LayerDetections } from '../../../contract/coalesce.ts';
import type { Detection } from '../../../contract/detector.ts';
import type { ResolverContext } from '../../../contract/resolver.ts';
import type { Digest } from '../../../model/digest.ts';
import { type Distribution, NO_DISTRIBUTION } from '../../../model/package.ts';
import { coalesceRpms } from './coalesce.ts';
import { namedRepository } from './repoids.ts';
import { redHatResolver } from './resolver.ts';

const MAPPING = {
  data: {
    'base-rpms': { cpes: ['cpe:/o:redhat:enterprise_linux:9::baseos'] },
    'app rpms': {
      cpes: [
        'cpe:/a:redhat:enterprise_linux:9::crb',
        'cpe:/a:redhat:enterprise_linux:9::appstream',
        'no cpe',
        7,
      ],
    },
    'broken-rpms': { cpes: { cpe: 'cpe:/a:x:y' } },
    'none-rpms': {},
    'bad-rpms': { cpes: ['cpe:/z:x'] },
  },
};
const BASEOS = 'cpe:2.3:o:redhat:enterprise_linux:9:*:baseos:*:*:*:*:*';
const APPSTREAM = 'cpe:2.3:a:redhat:enterprise_linux:9:*:appstream:*:*:*:*:*';
const CRB = 'cpe:2.3:a:redhat:enterprise_linux:9:*:crb:*:*:*:*:*';

/** A world that does not answer. */
const NOBODY = Symbol('nobody');

const never = new AbortController().signal;

function world(document: unknown = MAPPING, config: unknown = undefined) {
  const urls: string[] = [];
  const context: ResolverContext = {
    config: (kind, detector) =>
      kind === 'repo' && detector === 'rhel-repository-scanner' ? config : undefined,
    airgap: false,
    now: () => new Date(0),
    warn() {},
    async request(url) {
      urls.push(url);
      if (document === NOBODY) throw new Error('nobody there');
      const body = Readable.from([Buffer.from(JSON.stringify(document))]);
      return { status: 200, url, header: () => '', body, discard: async () => {}, text: async () => '' };
    },
  };
  return { resolve: redHatResolver(context), urls };
}

const release = (did: string): Detection => ({
  found: 'distribution',
  distribution: { ...NO_DISTRIBUTION, did, versionId: '9' } satisfies Distribution,
});
const named = (repoid: string): Detection => ({ found: 'repository', repository: namedRepository(repoid) });
const rpm = (name: string, hint?: string): Detection => ({
  found: 'package',
  package: {
    name,
    version: '1-1',
    kind: 'binary',
    arch: 'x86_64',
    database: 'sqlite:var/lib/rpm',
    path: 'var/lib/rpm/rpmdb.sqlite',
    ...(hint && { hint: `repoid=${hint}` }),
  },
});

function layers(...all: (readonly Detection[])[]): LayerDetections[] {
  return all.map((found, index) => ({
    layer: `sha256:${String(index).repeat(64)}` as Digest,
    whiteouts: [],
    found: found.map((item) => ({ ...item, detector: `d:1:${item.found}` })),
  }));
}

/** Package -> CPEs of its repositories by environment; undefined if it has none. */
async function reported(...all: (readonly Detection[])[]) {
  const { packages, repositories } = coalesceRpms(await world().resolve(layers(...all), never));
  // Only between detectors and here.
  assert.ok(packages.every((each) => !('hint' in each.package)));
  return {
    packages: Object.fromEntries(
      packages.map((each) => [
        each.package.name,
        each.environments.map((environment) => environment.repositories?.map(({ cpe }) => cpe)),
      ]),
    ),
    repositories: repositories.map(({ uri, cpe }) => `${uri} ${cpe}`),
  };
}

describe('repositories of Red Hat', () => {
  it('get their CPEs; names that the mapping does not have, and CPEs that are none, are left out', async () => {
    const { resolve } = world();
    const [layer] = await resolve(
      layers([
        release('rhel'),
        ...['app rpms', 'base-rpms', 'other', 'broken-rpms', 'none-rpms', 'bad-rpms'].map(named),
      ]),
      never,
    );
    const found = layer!.found.flatMap((item) => (item.found === 'repository' ? [item] : []));
    assert.deepEqual(
      found.map(({ repository }) => repository),
      [APPSTREAM, CRB]
        .map((cpe) => ({ name: cpe, key: 'rhel-cpe-repository', uri: 'repoid=app+rpms', cpe }))
        .concat([{ name: BASEOS, key: 'rhel-cpe-repository', uri: 'repoid=base-rpms', cpe: BASEOS }]),
    );
    assert.ok(found.every(({ detector }) => detector === 'rhel-repository-scanner:4:repository'));
    assert.ok(layer!.found.every(({ found }) => found !== 'problem'));
  });

  it('are of all packages of their layer, of layers above, and of the first ones below', async () => {
    const base = [release('rhel'), rpm('a')];
    const { packages, repositories } = await reported(
      base,
      [named('base-rpms'), rpm('a'), rpm('b')],
      [named('unknown'), rpm('a'), rpm('b'), rpm('c')],
      [named('app rpms'), rpm('a'), rpm('b'), rpm('c'), rpm('d')],
    );
    assert.deepEqual(packages, { a: [[BASEOS]], b: [[BASEOS]], c: [[BASEOS]], d: [[APPSTREAM, CRB]] });
    assert.deepEqual(repositories, [
      `repoid=base-rpms ${BASEOS}`,
      `repoid=app+rpms ${APPSTREAM}`,
      `repoid=app+rpms ${CRB}`,
    ]);
  });

  it('are of a package alone if dnf says from which it is', async () => {
    const { packages } = await reported([
      release('rhel'),
      ...['base-rpms', 'app rpms', 'third'].map(named),
      rpm('a', 'base-rpms'),
      rpm('b', 'third'),
      rpm('c'),
    ]);
    assert.deepEqual(packages, { a: [[BASEOS]], b: [undefined], c: [[BASEOS, APPSTREAM, CRB]] });
  });

  it('are those of the layer that first has the package', async () => {
    const { packages } = await reported(
      [release('rhel'), named('base-rpms'), rpm('a', 'base-rpms')],
      [named('app rpms'), rpm('a', 'app+rpms'), rpm('b', 'app+rpms')],
    );
    assert.deepEqual(packages, { a: [[BASEOS]], b: [[APPSTREAM, CRB]] });
  });
});

const problems = (all: readonly LayerDetections[]) =>
  all.map(({ found }) => found.flatMap((item) => (item.found === 'problem' ? [item.reason] : [])));

describe('the mapping of repositories', () => {
  it('is not asked for images of others, nor for those that name no repository', async () => {
    for (const found of [
      [],
      [release('rhel')],
      [rpm('a')],
      [release('fedora'), named('fedora'), rpm('a')],
      [release('centos'), named('baseos')],
    ]) {
      const { resolve, urls } = world();
      await resolve(layers(found), never);
      assert.deepEqual(urls, []);
    }
  });

  it('is asked where Red Hat publishes it, or where the configuration says', async () => {
    const at = async (config: unknown) => {
      const { resolve, urls } = world(MAPPING, config);
      await resolve(layers([named('base-rpms')]), never);
      return urls;
    };
    assert.deepEqual(await at(undefined), [
      'https://security.access.redhat.com/data/metrics/repository-to-cpe.json',
    ]);
    assert.deepEqual(await at({ repo2cpe_mapping_url: 'http://mirror.example/m.json' }), [
      'http://mirror.example/m.json',
    ]);
    assert.throws(() => world(MAPPING, { timeout: 'soon' }), /rhel-repository-scanner\.timeout/);
  });

  it('that cannot be had is a problem of the layers that need it, and of no other', async () => {
    for (const { resolve } of [world(NOBODY), world({ nothing: true }), world([])]) {
      const resolved = await resolve(
        layers([release('rhel'), named('base-rpms'), rpm('a')], [rpm('b')]),
        never,
      );
      const [first, second] = problems(resolved);
      assert.equal(first!.length, 1);
      assert.match(first![0]!, /the mapping of repositories to CPEs could not be fetched/);
      assert.deepEqual(second, []);
      assert.deepEqual(coalesceRpms(resolved).repositories, []);
    }
  });

  it('an image of RHEL with no repository that is known is told: its advisories cannot be applied', async () => {
    const { resolve } = world();
    const [first, second] = problems(
      await resolve(layers([release('rhel'), named('other')], [rpm('a')]), never),
    );
    assert.deepEqual(first, []);
    assert.match(second![0]!, /names a repository of Red Hat/);
    for (const fine of [
      [release('rhel'), named('base-rpms'), rpm('a')],
      [release('rhel')],
      [release('rocky'), rpm('a')],
    ]) {
      assert.deepEqual(problems(await resolve(layers(fine), never)).flat(), []);
    }
  });
});
