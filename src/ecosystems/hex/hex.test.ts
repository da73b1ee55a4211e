import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Detection } from '../../contract/detector.ts';
import type { Digest } from '../../model/digest.ts';
import { parsePurl } from '../../model/purl.ts';
import { readFiles } from '../read-files.fixture.ts';
import { versionSchemeLaws } from '../version-laws.fixture.ts';
import { applications, HEX } from './detect-applications.ts';
import { readTerm } from './erlang-term.ts';
import { hex } from './index.ts';
import { lookups } from './lookups.ts';
import { OTP } from './otp.ts';
import { hexVersions } from './version.ts';

const PATH = 'app/lib/lab-1.4.2/ebin/lab.app';

/** As `mix` writes it, and with everything that a term can have. */
const LAB = `%% made by hand
{application,lab,
    [{modules,['Elixir.Lab','Elixir.Lab.Web']},
     {compile_env,[{lab,[<<"x">>],error},{lab,[#{a => 1, 'b' => "}"}],[]}]},
     {optional_applications,[]},
     {applications,[kernel,stdlib,elixir | [logger]]},
     {description,"A \\"lab\\", [with] {signs}. % no comment"},
     {start_phases,[{go,$a},{on,-1.5e3},{at,2#101}]},
     {registered,[]},
     {vsn,"1.4.2"},
     {mod,{'Elixir.Lab.Application',[]}}]}.
`;

const read = (contents: Readonly<Record<string, string | Buffer>>): Detection[] =>
  readFiles(applications, contents);

describe('ebin/NAME.app', () => {
  it('says name and version of an application', () => {
    assert.deepEqual(read({ [PATH]: LAB }), [
      {
        found: 'package',
        package: { name: 'lab', version: '1.4.2', kind: 'binary', database: `hex:${PATH}`, path: PATH },
      },
      { found: 'repository', repository: HEX },
    ]);
  });

  const broken: [string, string][] = [
    ['', 'no Erlang term at character 0'],
    ['{application, lab', 'neither a comma nor } at character 17'],
    ['{application, lab, []}', 'no full stop at character 22'],
    ['{application, lab, []}.', 'it has no readable name and version'],
    ['{application, lab, [{vsn, git}]}', 'no full stop at character 32'],
    ['{application, lab, [{vsn, 12}]}.', 'it has no readable name and version'],
    ['{release, {"lab", "1"}, []}.', 'it describes no application'],
    ['[].', 'it describes no application'],
    ['{'.repeat(10_000), 'terms deeper than 64'],
  ];
  for (const [text, reason] of broken) {
    it(`is a problem, and loses no other: ${text.slice(0, 40)}`, () => {
      const found = read({ [PATH]: text, 'b/ebin/lab.app': LAB });
      assert.deepEqual(found[0], { found: 'problem', where: PATH, reason });
      assert.equal(found.length, 3);
    });
  }

  const places: [string, boolean][] = [
    [PATH, true],
    ['_build/prod/lib/lab/ebin/lab.app', true],
    ['usr/lib/erlang/lib/ssl-11.0/ebin/ssl.app', true],
    ['app/lib/lab-1.4.2/ebin/lab.appup', false],
    ['app/lib/lab-1.4.2/priv/lab.app', false],
    ['Applications/Lab.app', false],
  ];
  for (const [path, want] of places) {
    it(`${path}: ${want}`, () =>
      assert.equal(applications.wants?.({ path, type: 'file', size: 1, mode: 0o644 }), want));
  }

  it('may be anything', () => {
    fc.assert(
      fc.property(fc.nat(LAB.length), fc.nat(LAB.length), fc.uint8Array(), (from, to, bytes) => {
        const bent = Buffer.concat([Buffer.from(LAB.slice(0, from)), bytes, Buffer.from(LAB.slice(to))]);
        assert.ok(read({ [PATH]: bent }).length > 0);
      }),
      { numRuns: 1000 },
    );
  });
  it('takes time in proportion to its size', () => {
    for (const text of [
      "'".repeat(100_000),
      '"\\'.repeat(50_000),
      '<<'.repeat(50_000),
      '[a,'.repeat(50_000),
      '% '.repeat(50_000),
    ]) {
      assert.throws(() => readTerm(text));
    }
  });
});

describe('versions of Hex', () => {
  const ascending = ['0.9', '1.0.0-dev', '1.0.0-rc.1', '1.0.0-rc.10', '1.0.0', '1.0.1', '1.10.0', '2.0'];
  for (const [index, version] of ascending.entries()) {
    it(`${version} comes after those before it`, () => {
      for (const earlier of ascending.slice(0, index)) {
        assert.ok(hexVersions.compare(hexVersions.parse(earlier)!, hexVersions.parse(version)!) < 0, earlier);
      }
    });
  }
  it('are nothing else', () => {
    for (const text of ['', 'git', '1.2.3.4', '%VSN%']) assert.equal(hexVersions.parse(text), undefined);
  });
  versionSchemeLaws(
    hexVersions,
    fc.stringMatching(/^\d{1,3}(\.\d{1,3}){0,2}(-(rc|dev|alpha|\d{1,2})(\.\d{1,2})?)?$/),
  );
});

describe('lookups of hex', () => {
  const found = { name: 'lab', version: '1.4.2', kind: 'binary' } as const;
  it('are of the repository hex', () => {
    assert.deepEqual(lookups({ package: found, repository: HEX }), [
      { scope: 'hex', name: 'lab', kind: 'binary', version: '1.4.2' },
    ]);
    assert.deepEqual(lookups({ package: found }), []);
  });
  for (const [name, repository, scope] of [
    ['ssh', HEX, 'erlang/otp'],
    ['elixir', HEX, 'erlang/otp'],
    ['ssh_client_key_api', HEX, 'hex'],
    ['anything', OTP, 'erlang/otp'],
  ] as const) {
    it(`of ${repository.name}'s ${name} are in ${scope}`, () => {
      const [lookup] = lookups({ package: { ...found, name }, repository });
      assert.equal(lookup?.scope, scope);
    });
  }
  for (const [text, scope] of [
    ['pkg:otp/ssl@11.1', 'erlang/otp'],
    ['pkg:otp/new@1', 'erlang/otp'],
    ['pkg:hex/ssl@11.1', 'erlang/otp'],
    ['pkg:hex/acme/lab@1.4.2', 'hex'],
  ] as const) {
    it(`of ${text} are in ${scope}, and of what is written of it`, () => {
      const { package: read, repositories = [] } = hex.purl!.fromPurl(parsePurl(text)!)!;
      const environment = { packageDb: '', introducedIn: 'sha256:0' as Digest, repositories };
      const again = hex.purl!.fromPurl(hex.purl!.toPurl(read, environment)!)!;
      for (const each of [{ package: read, repositories }, again]) {
        const [lookup] = lookups({ package: each.package, repository: each.repositories![0]! });
        assert.equal(lookup?.scope, scope);
      }
    });
  }
  it('are in the scope that the feed covers', async () => {
    const feeds = await hex.feeds[0]!.feeds({}, undefined as never);
    assert.deepEqual(
      feeds.map(({ name, scopes }) => [name, scopes]),
      [['osv/hex', [{ key: 'hex', repository: HEX }]]],
    );
  });
});
