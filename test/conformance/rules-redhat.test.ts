/** The rules about Red Hat excuse what they are for, and nothing beside it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Atom } from './atoms.ts';
import type { Layer } from './layers.ts';
import type { NormalPackage } from './normal-form.ts';
import type { Case } from './rule.ts';
import { redhatRules } from './rules-redhat.ts';

const repository = (repoid: string) =>
  JSON.stringify({ cpe: 'cpe', key: 'rhel-cpe-repository', name: 'cpe', uri: `repoid=${repoid}` });

const packageOf = (more: Partial<NormalPackage> & { repositories?: string[] }): NormalPackage => ({
  name: 'lab',
  version: '1-1',
  kind: 'binary',
  arch: 'x86_64',
  module: '',
  normalizedVersion: '',
  detector: 'rpm',
  source: '',
  sourceName: '',
  sourceVersion: '',
  environments: [
    {
      packageDb: 'db',
      introducedIn: 'sha256:0',
      distribution: '',
      repositories: JSON.stringify(more.repositories ?? []),
    },
  ],
  vulnerabilities: [],
  ...more,
});

const layerOf = (files: Record<string, string>): Layer => ({
  digest: 'sha256:0',
  files: new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])),
  links: new Map(),
  behindSparse: new Set(),
  whiteouts: [],
  bytes: Buffer.alloc(0),
});

const explained = (
  atom: Atom,
  { golden = [], layers = [] }: { golden?: NormalPackage[]; layers?: Layer[] },
) => {
  const at = { golden: { packages: golden }, layers: () => layers } as unknown as Case;
  return redhatRules.filter((rule) => rule.explains(atom, at)).map(({ id }) => id);
};

describe('the rules about Red Hat', () => {
  const container = packageOf({ detector: 'rhel_containerscanner' });
  const ancestry = packageOf({ detector: 'rhel_containerscanner', kind: 'ancestry' });
  const extra = (each: NormalPackage): Atom => ({ atom: 'package', side: 'extra', package: each });

  it('excuse the ancestry of a container that Clair has', () => {
    assert.deepEqual(explained(extra(ancestry), { golden: [container] }), ['rhcc-ancestry']);
    for (const other of [
      { version: '2-1' },
      { name: 'x' },
      { arch: '' },
      { kind: 'source' },
      { repositories: ['x'] },
    ]) {
      assert.deepEqual(
        explained(extra(ancestry), {
          golden: [
            {
              ...container,
              ...packageOf({ ...container, ...other, environments: packageOf(other).environments }),
            },
          ],
        }),
        [],
      );
    }
    assert.deepEqual(explained(extra({ ...ancestry, kind: 'binary' }), { golden: [container] }), []);
    assert.deepEqual(
      explained({ atom: 'package', side: 'missing', package: ancestry }, { golden: [container] }),
      [],
    );
  });

  it('excuse repositories of further manifests', () => {
    const manifest = (...sets: string[]) => JSON.stringify({ content_sets: sets });
    const folder = 'root/buildinfo/content_manifests';
    const layers = [
      layerOf({ [`${folder}/a.json`]: manifest('one'), [`${folder}/b.json`]: manifest('one', 'two') }),
    ];
    const found = (repoid: string): Atom => ({
      atom: 'repository',
      side: 'extra',
      value: repository(repoid),
    });
    assert.deepEqual(explained(found('two'), { layers }), ['redhat-all-manifests']);
    assert.deepEqual(explained(found('one'), { layers }), []);
    assert.deepEqual(explained(found('three'), { layers }), []);
    assert.deepEqual(explained({ ...found('two'), side: 'missing' } as Atom, { layers }), []);

    const ours = packageOf({ repositories: [repository('one'), repository('two')] });
    const environment = (golden: NormalPackage): Atom => ({
      atom: 'environment',
      side: 'extra',
      environment: ours.environments[0]!,
      golden,
      ours,
    });
    assert.deepEqual(explained(environment(packageOf({ repositories: [repository('one')] })), { layers }), [
      'redhat-all-manifests',
    ]);
    assert.deepEqual(explained(environment(packageOf({ repositories: [] })), { layers }), []);
    assert.deepEqual(explained(environment(packageOf({ repositories: [repository('one')] })), {}), []);
  });
});
