import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import type { Atom } from './atoms.ts';
import type { Layer } from './layers.ts';
import type { NormalPackage } from './normal-form.ts';
import type { Case } from './rule.ts';
import { newEcosystemRules } from './rules-new-ecosystems.ts';

const LIST = JSON.stringify({ packages: [{ name: 'itoa', version: '1.0.18', source: 'crates.io' }] });

const FILES: Readonly<Record<string, Buffer>> = {
  'bin/lab': Buffer.concat([Buffer.alloc(200, 'x'), deflateSync(LIST), Buffer.alloc(100, 'x')]),
  'vendor/composer/installed.json': Buffer.from('[{"name": "acme\\/lab", "version": "v1.2.3"}]'),
  'app/lab.deps.json': Buffer.from('{"libraries":{"runtimepack.Acme.Lab/1.2.3": {"type":"runtimepack"}}}'),
};

function caseOf(files: Readonly<Record<string, Buffer>>): Case {
  const layer: Layer = {
    digest: 'sha256:00',
    files: new Map(Object.entries(files)),
    links: new Map(),
    behindSparse: new Set(),
    whiteouts: [],
    bytes: Buffer.alloc(0),
  };
  return { layers: () => [layer] } as unknown as Case;
}

function packageOf(detector: string, packageDb: string, name: string, version: string): NormalPackage {
  const environment = { packageDb, introducedIn: 'sha256:00', distribution: '', repositories: '[]' };
  return { detector, name, version, environments: [environment] } as unknown as NormalPackage;
}

function explained(atom: Atom, at: Case): string | undefined {
  return newEcosystemRules.find((rule) => rule.explains(atom, at))?.id;
}

describe('packages that Clair has no detector for', () => {
  const cases: [detector: string, packageDb: string, name: string, version: string][] = [
    ['cargo-auditable', 'cargo:bin/lab', 'itoa', '1.0.18'],
    ['composer', 'composer:vendor/composer/installed.json', 'acme/lab', 'v1.2.3'],
    ['dotnet-deps', 'nuget:app/lab.deps.json', 'Acme.Lab', '1.2.3'],
  ];
  const at = caseOf(FILES);
  for (const [detector, packageDb, name, version] of cases) {
    it(`are excused if the image has them: ${detector}`, () => {
      const judge = (pkg: NormalPackage, side: 'extra' | 'missing' = 'extra') =>
        explained({ atom: 'package', side, package: pkg }, at);
      assert.equal(judge(packageOf(detector, packageDb, name, version)), 'new-ecosystem-packages');
      assert.equal(judge(packageOf(detector, packageDb, name, version), 'missing'), undefined);
      assert.equal(judge(packageOf(detector, packageDb, `${name}x`, version)), undefined);
      assert.equal(judge(packageOf(detector, packageDb, name, `${version}.1`)), undefined);
      assert.equal(judge(packageOf(detector, `${packageDb}x`, name, version)), undefined);
      assert.equal(judge(packageOf('python', packageDb, name, version)), undefined);
    });
  }
});
