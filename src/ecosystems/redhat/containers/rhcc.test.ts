import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LayerDetections } from '../../../contract/coalesce.ts';
import type { Detection, Detector, LayerView } from '../../../contract/detector.ts';
import { layerFile } from '../../../contract/layer-file.fixture.ts';
import type { ResolverContext } from '../../../contract/resolver.ts';
import type { Digest } from '../../../model/digest.ts';
import { rhcc } from './index.ts';

/** What the detectors find in a layer of these files. */
function findIn(contents: Readonly<Record<string, string>>, only?: string): LayerDetections['found'] {
  const files = Object.entries(contents)
    .map(([path, content]) => layerFile(path, content))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const read = ({ id, revision, kind, paths, wants, read }: Detector): LayerDetections['found'] => {
    const kept = files.filter(
      ({ path, size, mode }) => paths?.includes(path) || wants?.({ path, size, mode, type: 'file' }),
    );
    const layer: LayerView = {
      files: kept,
      file: (path) => files.find((each) => each.path === path),
      has: () => false,
      names: () => [],
    };
    return [...(read?.(layer) ?? [])].map((item: Detection) => ({
      ...item,
      detector: `${id}:${revision}:${kind}`,
    }));
  };
  return rhcc.detectors.filter(({ id }) => only === undefined || id === only).flatMap(read);
}

const packages = (found: LayerDetections['found']) =>
  found.flatMap((item) => (item.found === 'package' ? [item.package] : []));
const repositories = (found: LayerDetections['found']) =>
  found.flatMap((item) => (item.found === 'repository' ? [item.repository] : []));
const problems = (found: LayerDetections['found']) =>
  found.flatMap((item) => (item.found === 'problem' ? [item.reason] : []));

const DOCKERFILE =
  'FROM sha256:0\nLABEL com.redhat.component="lab-container" name="lab/tool" \\\n  architecture="x86_64"\n';
const AT = 'root/buildinfo/Dockerfile-lab-tool-v3.5.6-4';
const LABELS = {
  name: 'lab/tool',
  architecture: 'x86_64',
  'org.opencontainers.image.created': '2025-02-01T10:11:12Z',
  cpe: 'cpe:/a:lab:tool:3::el9',
};
const LABELS_AT = 'root/buildinfo/labels.json';
const CPE = 'cpe:2.3:a:lab:tool:3:*:el9:*:*:*:*:*';

describe('containers by their Dockerfile', () => {
  it('are a source, itself and what assertions are said of', () => {
    const found = findIn({ [AT]: DOCKERFILE });
    const shared = {
      version: 'v3.5.6-4',
      arch: 'x86_64',
      normalizedVersion: 'rhctag:3.5.0.0.0.0.0.0.0.0',
      database: AT,
      path: AT,
    };
    const source = { name: 'lab-container', version: 'v3.5.6-4' };
    assert.deepEqual(packages(found), [
      { ...shared, name: 'lab-container', kind: 'source' },
      { ...shared, name: 'lab/tool', kind: 'binary', source },
      { ...shared, name: 'lab/tool', kind: 'ancestry', source },
    ]);
    assert.deepEqual(repositories(found), [
      {
        name: 'Red Hat Container Catalog',
        key: 'rhcc-container-repository',
        uri: 'https://catalog.redhat.com/software/containers/explore',
      },
    ]);
  });

  const versions: [name: string, version: string | undefined, normalized?: string][] = [
    ['Dockerfile-ubi8-8.6-943.1664813224', '8.6-943.1664813224', '8.6.0'],
    ['Dockerfile-a-b-c-1-2', '1-2', '1.0.0'],
    ['Dockerfile-1.0-1', '1.0-1', '1.0.0'],
    ['Dockerfile-x-99999999999.1-1', '99999999999.1-1'],
    ['Dockerfile-x-latest-1', undefined],
    ['Dockerfile-x-1', undefined],
    ['Dockerfile', undefined],
    ['Dockerfile-x-1.0-1/Dockerfile-x-1.0-1', undefined],
  ];
  for (const [name, version, normalized] of versions) {
    it(`${name} is of ${version ?? 'no version'}`, () => {
      const [first] = packages(findIn({ [`root/buildinfo/${name}`]: DOCKERFILE }));
      assert.equal(first?.version, version);
      assert.equal(first?.normalizedVersion?.slice(7, 7 + (normalized?.length ?? 0)), normalized);
    });
  }

  it('without one of the labels are none', () => {
    assert.deepEqual(findIn({ [AT]: DOCKERFILE.replace('com.redhat.component', 'x') }), []);
  });

  it("with the label of Red Hat's build system alone are told", () => {
    for (const label of ['name=', 'architecture']) {
      const found = findIn({ [AT]: DOCKERFILE.replace(label, label === 'name=' ? 'nome=' : 'x') });
      assert.match(problems(found).join(), /but not name and architecture/);
      assert.ok(found.every((item) => item.found === 'problem'));
    }
  });

  it('are not read without end', () => {
    const [reason] = problems(findIn({ [AT]: `${DOCKERFILE}${'#'.repeat(2 ** 21)}` }));
    assert.match(reason!, /bigger than/);
  });
});

describe('containers by their labels', () => {
  it('have the time of their build as version', () => {
    const found = findIn({ [LABELS_AT]: JSON.stringify(LABELS) });
    assert.deepEqual(
      packages(found).map(({ name, version, kind, normalizedVersion }) => [
        name,
        version,
        kind,
        normalizedVersion,
      ]),
      ['source', 'binary', 'ancestry'].map((kind) => [
        'lab/tool',
        '1738404672',
        kind,
        'rhctag:1738404672.0.0.0.0.0.0.0.0.0',
      ]),
    );
    assert.deepEqual(repositories(found), [{ name: CPE, key: 'rhcc-container-repository', cpe: CPE }]);
    assert.deepEqual(problems(found), []);
  });

  it('may be quoted twice, at the other place, after a byte order mark', () => {
    const quoted = Object.fromEntries(Object.entries(LABELS).map(([key, value]) => [key, `"${value}"`]));
    const found = findIn({ 'usr/share/buildinfo/labels.json': `\uFEFF${JSON.stringify(quoted)}` });
    assert.equal(packages(found)[0]?.version, '1738404672');
    assert.equal(repositories(found)[0]?.cpe, CPE);
  });

  const times: [string, string | undefined][] = [
    ['2025-02-01T11:11:12+01:00', '1738404672'],
    ['2025-02-01t10:11:12.999z', '1738404672'],
    ['2025-02-01', undefined],
    ['2025-13-01T10:11:12Z', undefined],
    ['not a date', undefined],
    ['1738404672', undefined],
  ];
  for (const [time, version] of times) {
    it(`${time} is ${version ?? 'told to be no time'}`, () => {
      const found = findIn({
        [LABELS_AT]: JSON.stringify({ ...LABELS, 'org.opencontainers.image.created': time }),
      });
      assert.equal(packages(found)[0]?.version, version);
      assert.equal(problems(found).length, version === undefined ? 1 : 0);
      assert.equal(repositories(found).length, 1);
    });
  }

  it('of others are none, those that cannot be read are told', () => {
    assert.deepEqual(findIn({ [LABELS_AT]: '{"name":"x","architecture":"amd64"}' }), []);
    for (const text of ['', '{', 'x', '['.repeat(100_000)])
      assert.equal(problems(findIn({ [LABELS_AT]: text })).length, 2, text.slice(0, 9));
    const bad = findIn({ [LABELS_AT]: JSON.stringify({ ...LABELS, cpe: 'cpe:/?' }) });
    assert.deepEqual([packages(bad).length, repositories(bad).length, problems(bad).length], [3, 0, 1]);
  });

  it('survive anything', () => {
    const valid = JSON.stringify(LABELS);
    const value = fc.oneof(
      fc.constantFrom(...Object.values(LABELS), '"', '""', 'cpe:/a:x'),
      fc.string(),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(
        fc.nat(valid.length),
        fc.nat(9),
        fc.string({ maxLength: 3 }),
        fc.record({
          name: value,
          architecture: value,
          cpe: value,
          'org.opencontainers.image.created': value,
        }),
        (at, cut, put, other) => {
          findIn({ [LABELS_AT]: valid.slice(0, at) + put + valid.slice(at + cut) });
          for (const { name, version } of packages(findIn({ [LABELS_AT]: JSON.stringify(other) })))
            assert.ok(name && version);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

const never = new AbortController().signal;

function resolver(document: unknown) {
  const urls: string[] = [];
  const context: ResolverContext = {
    config: (kind, detector) =>
      kind === 'package' && detector === 'rhel_containerscanner'
        ? { name2repos_mapping_url: 'http://127.0.0.1/names' }
        : undefined,
    airgap: false,
    now: () => new Date(0),
    warn() {},
    async request(url) {
      urls.push(url);
      if (document === undefined) throw new Error('nobody there');
      return {
        status: 200,
        url,
        header: () => '',
        body: Readable.from([Buffer.from(JSON.stringify(document))]),
        discard: async () => {},
        text: async () => '',
      };
    },
  };
  return { resolve: rhcc.resolver!(context), urls };
}

function layers(...all: Record<string, string>[]): LayerDetections[] {
  return all.map((contents, index) => ({
    layer: `sha256:${String(index).repeat(64)}` as Digest,
    whiteouts: index > 0 ? ['root/'] : [],
    found: findIn(contents),
  }));
}

describe('names of containers', () => {
  it('become those of their repositories', async () => {
    const { resolve, urls } = resolver({
      data: { 'lab/tool': ['lab9/tool', 'lab8/tool', 'lab8/tool', 7], other: 'x' },
    });
    const [layer] = await resolve(layers({ [AT]: DOCKERFILE }), never);
    assert.deepEqual(urls, ['http://127.0.0.1/names']);
    assert.deepEqual(
      packages(layer!.found).map(({ name, kind }) => `${kind} ${name}`),
      [
        'source lab-container',
        'binary lab8/tool',
        'binary lab9/tool',
        'ancestry lab8/tool',
        'ancestry lab9/tool',
      ],
    );
  });

  it('that the mapping does not have stay', async () => {
    const [layer] = await resolver({ data: { other: ['x'], 'lab/tool': [] } }).resolve(
      layers({ [AT]: DOCKERFILE }),
      never,
    );
    assert.deepEqual(
      packages(layer!.found).map(({ name }) => name),
      ['lab-container', 'lab/tool', 'lab/tool'],
    );
    assert.deepEqual(problems(layer!.found), []);
  });

  it('stay with a problem if the mapping cannot be had', async () => {
    const [with_, without] = await resolver(undefined).resolve(layers({ [AT]: DOCKERFILE }, {}), never);
    assert.equal(packages(with_!.found).length, 3);
    assert.match(problems(with_!.found)[0]!, /127\.0\.0\.1\/names: nobody there/);
    assert.deepEqual(problems(without!.found), []);
  });

  it('are not asked for without such a container', async () => {
    const { resolve, urls } = resolver({});
    await resolve(layers({}, { [LABELS_AT]: JSON.stringify(LABELS) }), never);
    assert.deepEqual(urls, []);
  });
});

describe('layers with containers', () => {
  it('below the topmost are shown as what nothing matches; what was removed counts too', () => {
    const upper = { ...LABELS, name: 'lab/app' };
    const all = layers({ [AT]: DOCKERFILE }, { [LABELS_AT]: JSON.stringify(upper) }, { 'app/x': '' });
    const report = rhcc.coalesce(all);
    const seen = report.packages.map(({ package: { name, kind, normalizedVersion = '' }, environments }) => [
      name,
      kind,
      normalizedVersion.split(':')[0],
      environments.map(({ packageDb, introducedIn, repositories = [] }) => [
        packageDb,
        introducedIn[7],
        repositories.map((each) => each.name),
      ]),
    ]);
    const below = [[AT, '0', ['Red Hat Container Catalog']]];
    const top = [[LABELS_AT, '1', [CPE]]];
    assert.deepEqual(seen.map(([name, kind]) => `${String(name)} ${String(kind)}`).sort(), [
      'lab-container source',
      'lab/app ancestry',
      'lab/app binary',
      'lab/app source',
      'lab/tool ancestry',
      'lab/tool binary',
    ]);
    for (const [name, , kind, environments] of seen) {
      const isTop = name === 'lab/app';
      assert.equal(kind, isTop ? 'rhctag' : 'unmatchable');
      assert.deepEqual(environments, isTop ? top : below);
    }
    assert.equal(report.repositories.length, 2);
    const records = report.packages.flatMap(({ package: each, environments }) =>
      environments.flatMap(({ repositories = [] }) =>
        repositories.map((repository) => ({ package: each, repository })),
      ),
    );
    for (const record of records)
      assert.equal(
        rhcc.lookups(record).some(({ kind }) => kind !== 'layer'),
        record.package.name === 'lab/app',
      );
  });

  it('of the same file are two containers', () => {
    const text = (created: string) =>
      JSON.stringify({ ...LABELS, 'org.opencontainers.image.created': created });
    const report = rhcc.coalesce(
      layers({ [LABELS_AT]: text('2025-02-01T10:11:12Z') }, { [LABELS_AT]: text('2025-03-01T10:11:12Z') }),
    );
    assert.equal(report.packages.length, 6);
  });

  it('of no repository are not reported', () => {
    const { cpe: _cpe, ...labels } = LABELS;
    assert.deepEqual(rhcc.coalesce(layers({ [LABELS_AT]: JSON.stringify(labels) })).packages, []);
  });
});
