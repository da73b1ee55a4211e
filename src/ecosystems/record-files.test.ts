import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ecosystems } from './index.ts';
import { readFiles } from './read-files.fixture.ts';
import { lookupsOf } from './report-lookups.ts';

const detectors = ecosystems.flatMap((each) => each.detectors).filter(({ checkouts }) => !checkouts);

/** What is found in a file of this path, and in which scopes it is looked up. */
function found(path: string, text: string): string[] {
  const wanting = detectors.filter((each) => each.wants?.({ path, type: 'file', size: 1, mode: 0o644 }));
  return wanting.flatMap((detector) => {
    const all = readFiles(detector, { [path]: text });
    const repositories = all.flatMap((each) => (each.found === 'repository' ? [each.repository] : []));
    return all.flatMap((each) => {
      if (each.found === 'problem') return [`! ${each.where}`];
      if (each.found !== 'package') return [];
      const { path: _path, database, ...found } = each.package;
      const packages = [
        {
          package: found,
          environments: [
            { packageDb: database, introducedIn: `sha256:${'0'.repeat(64)}` as const, repositories },
          ],
        },
      ];
      const report = { packages, distributions: [], repositories, problems: [] };
      const { lookups } = lookupsOf(
        { manifestHash: `sha256:${'0'.repeat(64)}`, state: '', success: true, err: '', ...report } as never,
        ecosystems,
      );
      return [`${found.name} ${found.version} ${lookups.map(({ lookup }) => lookup.scope).join()}`];
    });
  });
}

describe('packages that have a record each', () => {
  const cases: [path: string, text: string, want: string[]][] = [
    [
      'root/.julia/packages/HTTP/aBc12/Project.toml',
      'name = "HTTP"\nuuid = "x"\nversion = "1.9.0"\n\n[deps]\nURIs = "y"\n',
      ['HTTP 1.9.0 julia'],
    ],
    [
      'root/.julia/packages/HTTP/aBc12/Project.toml',
      '[deps]\nURIs = "y"\n',
      ['! root/.julia/packages/HTTP/aBc12/Project.toml'],
    ],
    ['srv/app/Project.toml', 'name = "App"\nversion = "1.0.0"\n', []],
    [
      'root/.ghcup/lib/package.conf.d/aeson-2.0.1.0-abc.conf',
      'name:                 aeson\nversion:\n    2.0.1.0\nid: aeson-2.0.1.0-abc\n',
      ['aeson 2.0.1.0 hackage'],
    ],
    ['root/.ghcup/lib/package.conf.d/aeson.conf', 'nothing', ['! root/.ghcup/lib/package.conf.d/aeson.conf']],
    ['root/.pub-cache/hosted/pub.dev/http-0.13.0/pubspec.yaml', 'name: http\n', ['http 0.13.0 pub']],
    ['root/.pub-cache/hosted/pub.dev/http-0.13.0/example/pubspec.yaml', 'name: x\n', []],
    [
      'root/.opam/4.14/.opam-switch/packages/cohttp-lwt.5.0.0~beta/opam',
      'opam-version: "2.0"\n',
      ['cohttp-lwt 5.0.0~beta opam'],
    ],
    ['root/.opam/repo/default/packages/cohttp/cohttp.5.0.0/opam', 'opam-version: "2.0"\n', []],
  ];
  for (const [path, text, want] of cases)
    it(`${path}: ${want.join() || 'nothing'}`, () => assert.deepEqual(found(path, text), want));
});
