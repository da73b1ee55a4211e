import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseDigest } from '../../../model/digest.ts';
import type { Package, Repository } from '../../../model/package.ts';
import { formatPurl, parsePurl } from '../../../model/purl.ts';
import { RHCC_REPOSITORY } from '../scopes/scopes.ts';
import { CATALOG } from './detect-dockerfile.ts';
import { lookups } from './lookups.ts';
import { purl } from './purl.ts';

const cpeOf = (product: string): Repository => {
  const cpe = `cpe:2.3:a:redhat:${product}:3:*:el8:*:*:*:*:*`;
  return { name: cpe, key: RHCC_REPOSITORY, cpe };
};

/** What is looked up of the package, and of what its package URL is read as. */
function bothWays(installed: Package, repositories: readonly Repository[]) {
  const made = purl.toPurl(installed, {
    packageDb: '',
    introducedIn: parseDigest(`sha256:${'0'.repeat(64)}`),
    repositories,
  });
  const text = made && formatPurl(made);
  const read = text === undefined ? undefined : purl.fromPurl(parsePurl(text)!);
  const of = (each: Package, places: readonly Repository[] = []) =>
    places.flatMap((repository) => lookups({ package: each, repository }));
  return { text, before: of(installed, repositories), after: read && of(read.package, read.repositories) };
}

describe('package URLs of containers', () => {
  it('say all that is looked up', () => {
    const name = fc.stringMatching(/^[a-z0-9]{1,5}(\/[a-z0-9_-]{1,5}){0,2}$/);
    const version = fc.stringMatching(/^v?[0-9]{1,4}(\.[0-9]{1,3}){0,2}(-[0-9.a-z]{1,6})?$/);
    const product = fc.stringMatching(/^[a-z]{1,6}$/).map(cpeOf);
    fc.assert(
      fc.property(
        name,
        name,
        version,
        fc.option(fc.constantFrom('x86_64', 'arm64'), { nil: undefined }),
        fc.uniqueArray(fc.oneof(product, fc.constant(CATALOG)), {
          minLength: 1,
          maxLength: 3,
          selector: ({ name }) => name,
        }),
        (own, component, version, arch, repositories) => {
          const source = { name: component, version };
          const installed = { name: own, version, kind: 'binary', source, ...(arch && { arch }) } as const;
          const { text, before, after } = bothWays(installed, repositories);
          assert.deepEqual(after, before, text);
        },
      ),
    );
  });

  it('are written as registries and Clair do', () => {
    const source = { name: 'quay-container', version: 'v3.5.6-4' };
    const installed = {
      name: 'quay/quay',
      version: 'v3.5.6-4',
      kind: 'binary',
      arch: 'x86_64',
      source,
    } as const;
    assert.equal(
      bothWays(installed, [CATALOG]).text,
      'pkg:oci/quay@v3.5.6-4?arch=x86_64&repository_url=registry.redhat.io%2Fquay%2Fquay&tag=v3.5.6-4&upstream=quay-container%40v3.5.6-4',
    );
    assert.match(bothWays(installed, [cpeOf('quay')]).text!, /container_cpe=cpe:2.3:a:redhat:quay:3:%2A:el8/);
  });

  it('are not of what no advisory is about', () => {
    const installed = { name: 'a', version: '1', kind: 'binary' } as const;
    assert.equal(bothWays(installed, []).text, undefined);
    assert.equal(bothWays({ ...installed, kind: 'source' }, [CATALOG]).text, undefined);
    assert.equal(bothWays({ ...installed, normalizedVersion: 'unmatchable:1' }, [CATALOG]).text, undefined);
  });

  const digest = `sha256:${'0'.repeat(64)}`;
  const cases: readonly (readonly [text: string, want: readonly string[] | undefined])[] = [
    [
      `pkg:oci/app@${digest}?arch=amd64&repository_url=registry.redhat.io/team/app&tag=v1.2-3`,
      ['team/app', 'v1.2-3', '*'],
    ],
    [`pkg:oci/app@${digest}?repository_url=registry.access.redhat.com/team&tag=7`, ['team/app', '7', '*']],
    [
      'pkg:oci/team/app@v1-2?container_cpe=cpe:/a:redhat:lab:1',
      ['team/app', 'v1-2', 'cpe:2.3:a:redhat:lab:1'],
    ],
    ['pkg:oci/app@v1-2?container_cpe=nonsense', undefined],
    ['pkg:oci/app@v1-2?container_cpe=cpe:/a:redhat:lab:1,cpe:/!', undefined],
    [`pkg:oci/app@${digest}?repository_url=docker.io/library/app&tag=1.0`, undefined],
    [`pkg:oci/app@${digest}`, undefined],
  ];
  for (const [text, want] of cases) {
    it(`${text.replace(digest, 'DIGEST')} is ${want ?? 'none of them'}`, () => {
      const read = purl.fromPurl(parsePurl(text)!);
      if (want === undefined) return assert.equal(read, undefined);
      const [name, version, scope = ''] = want;
      assert.deepEqual([read?.package.name, read?.package.version], [name, version]);
      const [lookup] = lookups({ package: read!.package, repository: read!.repositories![0]! });
      assert.ok(lookup?.scope.startsWith(`rhcc-cpe:${scope}`), lookup?.scope);
    });
  }
});
