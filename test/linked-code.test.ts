/** Programs through the indexer, and later through a matcher with the advisories of that day: what is linked in it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import { goProgram } from '../src/ecosystems/go/function-table.fixture.ts';
import { go } from '../src/ecosystems/go/index.ts';
import { GO_SCOPE } from '../src/ecosystems/go/lookups.ts';
import { goVersions } from '../src/ecosystems/go/version.ts';
import { codeOf } from '../src/ecosystems/go/vulnerable-code.ts';
import { java } from '../src/ecosystems/java/index.ts';
import { MAVEN_SCOPE } from '../src/ecosystems/java/lookups.ts';
import { maven } from '../src/ecosystems/java/version.ts';
import { rust } from '../src/ecosystems/rust/index.ts';
import { CRATES_SCOPE } from '../src/ecosystems/rust/lookups.ts';
import { cargoVersions } from '../src/ecosystems/rust/version.ts';
import { codeOf as codeOfCrate } from '../src/ecosystems/rust/vulnerable-code.ts';
import { makeZip } from '../src/formats/archives/zip.fixture.ts';
import { elf } from '../src/formats/programs/programs.fixture.ts';
import type { Digest } from '../src/model/digest.ts';
import { type LinkedLab, linkedLab, TODAY } from './linked-lab.fixture.ts';

const program = (functions: readonly string[], ...settings: string[]) =>
  goProgram(
    {
      version: 'go1.21.5',
      modules: [
        'path\texample.com/lab/cmd/run',
        'mod\texample.com/lab\tv0.1.0\t',
        'dep\tgolang.org/x/net\tv0.1.0\th1:a=',
        ...['GOOS=linux', 'GOARCH=amd64', ...settings].map((setting) => `build\t${setting}`),
        '',
      ].join('\n'),
    },
    functions,
  );

interface Import {
  readonly path: string;
  readonly symbols?: readonly string[];
  readonly goos?: readonly string[];
}

/** A record of the Go vulnerability database, as OSV has it. */
function record(
  id: string,
  imports: readonly Import[] | undefined,
  aliases: readonly string[] = [],
  name = 'golang.org/x/net',
) {
  return {
    id,
    published: TODAY,
    aliases,
    affected: [
      {
        package: { ecosystem: 'Go', name },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '0.9.0' }] }],
        ...(imports && { ecosystem_specific: { imports } }),
      },
    ],
  };
}

const html = 'golang.org/x/net/html';
const RECORDS = [
  record('GO-1', [{ path: html, symbols: ['Tokenizer.Next', 'Parse'] }], ['CVE-2099-0001']),
  record('GO-2', [{ path: html, symbols: ['Render'] }], ['CVE-2099-0002']),
  record('GO-3', [{ path: 'golang.org/x/net/http2' }], ['CVE-2099-0003']),
  record('GO-4', [{ path: html }], ['CVE-2099-0004']),
  record('GO-5', undefined, ['CVE-2099-0005']),
  record('GO-6', [{ path: html, symbols: ['Parse'], goos: ['windows'] }], ['CVE-2099-0006']),
  // GitHub's record of what GO-2 is about says nothing of code.
  record('GHSA-2', undefined, ['CVE-2099-0002']),
  record(
    'GO-7',
    [{ path: 'example.com/lab/cmd/run', symbols: ['main'] }],
    ['CVE-2099-0007'],
    'example.com/lab',
  ),
];

describe('code that a program was linked with', () => {
  let lab: LinkedLab;
  before(async () => {
    lab = await linkedLab(go, {
      dump: 'Go',
      scope: { key: GO_SCOPE },
      versions: goVersions,
      ranges: ['SEMVER'],
      encodeFixed: 'text',
      codeOf,
    });
  });
  after(() => lab[Symbol.asyncDispose]());
  const stored = (...programs: Buffer[]) =>
    lab.stored(...programs.map((content, n) => ({ name: `usr/bin/app${n}`, content })));

  it('was stored last month, and is judged by advisories of today without the image', async () => {
    const digest = await stored(program([`${html}.(*Tokenizer).Next`, 'net/http.Get']));
    assert.deepEqual(await lab.judged(digest), {});
    const fetched = lab.store.fetched.length;
    await lab.publish(RECORDS);
    assert.deepEqual(await lab.judged(digest), {
      'CVE-2099-0001': ['symbol', [`${html}.Tokenizer.Next`]],
      'CVE-2099-0004': ['package', [html]],
      'CVE-2099-0005': undefined,
      'CVE-2099-0007': ['symbol', ['example.com/lab/cmd/run.main']],
      'CVE-2099-0002': ['no', [`${html}.Render`]],
      'CVE-2099-0003': ['no', ['golang.org/x/net/http2']],
      'CVE-2099-0006': ['no', [`${html} on windows`]],
    });
    assert.equal(lab.store.fetched.length, fetched);
  });

  it('is there if one of several programs has it, and unknown if of one nobody can tell', async () => {
    await lab.publish(RECORDS);
    const lacks = program([`${html}.Parse`]);
    const both = await lab.judged(await stored(lacks, program([`${html}.Render`])));
    assert.deepEqual(both['CVE-2099-0002'], ['symbol', [`${html}.Render`]]);
    const shared = await lab.judged(await stored(lacks, program([`${html}.Parse`], '-linkshared=true')));
    assert.deepEqual(shared['CVE-2099-0002'], ['unknown', undefined]);
    assert.deepEqual(shared['CVE-2099-0001'], ['symbol', [`${html}.Parse`]]);
  });

  it('is in SBOMs that are written of it', async () => {
    await lab.publish(RECORDS);
    const digest = await stored(program([`${html}.Parse`, 'net/http.Get']));
    const verdicts = await lab.judged(digest);
    assert.deepEqual(verdicts['CVE-2099-0002'], ['no', [`${html}.Render`]]);
    assert.deepEqual(await lab.judgedSboms(digest), [verdicts, verdicts]);
  });

  it('is unknown of a report that an earlier release stored', async () => {
    await lab.publish(RECORDS);
    const { linked, ...earlier } = await lab.indexReport(await stored(program([`${html}.Parse`])));
    assert.equal(linked?.length, 1);
    const verdicts = Object.values(await lab.judgedReport(earlier)) as ([string] | undefined)[];
    assert.deepEqual(new Set(verdicts.map((each) => each?.[0])), new Set(['unknown', undefined]));
  });
});

describe('code that a Rust program has', () => {
  let lab: LinkedLab;
  before(async () => {
    lab = await linkedLab(rust, {
      dump: 'crates.io',
      scope: { key: CRATES_SCOPE },
      versions: cargoVersions,
      ranges: ['SEMVER'],
      encodeFixed: 'text',
      codeOf: codeOfCrate,
    });
  });
  after(() => lab[Symbol.asyncDispose]());

  /** A record of RustSec, as OSV has it. */
  const ofCrate = (id: number, affects: object | undefined) => ({
    id: `RUSTSEC-2099-000${id}`,
    published: TODAY,
    aliases: [`CVE-2099-000${id}`],
    affected: [
      {
        package: { ecosystem: 'crates.io', name: 'lab-crate' },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0.0.0-0' }, { fixed: '2.0.0' }] }],
        ecosystem_specific: { affected_functions: null, ...(affects && { affects }) },
      },
    ],
  });
  const affects = (functions: string[], os: string[] = [], arch: string[] = []) => ({ functions, os, arch });
  const records = [
    ofCrate(1, affects(['lab_crate::parse', 'lab_crate::public::Type::get'])),
    ofCrate(2, affects(['lab_crate::Other::get'])),
    ofCrate(3, affects([])),
    ofCrate(4, affects([], ['windows'])),
    ofCrate(5, affects(['lab_crate::parse'], ['windows', 'macos'])),
    ofCrate(6, affects([], ['linux', 'windows'])),
    ofCrate(7, affects([], [], ['aarch64'])),
    ofCrate(8, affects([], ['a-new-system'])),
    ofCrate(9, undefined),
  ];
  const list = () =>
    deflateSync(JSON.stringify({ packages: [{ name: 'lab-crate', version: '1.0.0', source: 'crates.io' }] }));
  const stored = (symbols?: readonly string[]) =>
    lab.stored({
      name: 'usr/bin/app',
      content: elf(list, { section: '.dep-v0', ...(symbols && { symbols }) }),
    });

  it('was stored last month, and is never absent where it can be inlined', async () => {
    const symbols = ['_RNvMNtCs1_9lab_crate5innerNtB2_4Type3get', '_RNvCs1_3std4exit'];
    const [kept, stripped] = [await stored(symbols), await stored()];
    assert.deepEqual(await lab.judged(kept), {});
    await lab.publish(records);
    const elsewhere = {
      'CVE-2099-0004': ['no', ['lab_crate on windows']],
      'CVE-2099-0005': ['no', ['lab_crate on windows or macos']],
      'CVE-2099-0007': ['no', ['lab_crate on aarch64']],
    };
    const [unknown, unsaid] = [['unknown', undefined], undefined];
    const rest = {
      'CVE-2099-0002': unknown,
      'CVE-2099-0003': unsaid,
      'CVE-2099-0008': unsaid,
      'CVE-2099-0009': unsaid,
    };
    assert.deepEqual(await lab.judged(kept), {
      ...elsewhere,
      ...rest,
      'CVE-2099-0001': ['symbol', ['lab_crate::public::Type::get']],
      'CVE-2099-0006': ['package', ['lab_crate']],
    });
    const verdicts = await lab.judged(kept);
    assert.deepEqual(await lab.judgedSboms(kept), [verdicts, verdicts]);
    assert.deepEqual(await lab.judged(stripped), {
      ...elsewhere,
      ...rest,
      'CVE-2099-0001': unknown,
      'CVE-2099-0006': unknown,
    });
  });
});

describe('classes of a Java archive', () => {
  let lab: LinkedLab;
  before(async () => {
    lab = await linkedLab(java, {
      dump: 'Maven',
      scope: { key: MAVEN_SCOPE },
      versions: maven,
      ranges: ['ECOSYSTEM'],
      encodeFixed: 'query',
    });
  });
  after(() => lab[Symbol.asyncDispose]());

  const core = 'org.apache.logging.log4j:log4j-core';
  const ofArtifact = (id: string, aliases: readonly string[]) => ({
    id,
    published: TODAY,
    aliases,
    affected: [
      {
        package: { ecosystem: 'Maven', name: core },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '2.0' }, { fixed: '2.17.1' }] }],
      },
    ],
  });
  const lookup = 'org/apache/logging/log4j/core/lookup';
  const archive = (classes: readonly string[], nested?: Buffer): Buffer =>
    makeZip({
      members: [
        {
          name: `META-INF/maven/${core.replace(':', '/')}/pom.properties`,
          content: 'groupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=2.14.1\n',
        },
        ...classes.map((name) => ({ name: `${name}.class`, content: 'x' })),
        ...(nested ? [{ name: 'lib/nested.jar', content: nested }] : []),
      ],
    });
  const shell = 'CVE-2021-44228';
  const jndi = 'org.apache.logging.log4j.core.lookup.JndiLookup';
  const whole = [`${lookup}/JndiLookup`, `${lookup}/StrSubstitutor`];
  const removed = whole.slice(1);
  const moved = whole.map((name) => `com/lab/shaded/${name}`);
  const cases: [what: string, archives: readonly Buffer[], want: unknown][] = [
    ['is there', [archive(whole)], ['symbol', [jndi]]],
    ['was removed', [archive(removed)], ['no', [jndi]]],
    [
      'was removed from an application',
      [archive(removed.map((name) => `WEB-INF/classes/${name}`))],
      ['no', [jndi]],
    ],
    ['was removed from one of two', [archive(removed), archive(whole)], ['symbol', [jndi]]],
    ['was removed, but not from the archive within', [archive(removed, archive(whole))], ['symbol', [jndi]]],
    ['was moved with its package', [archive(moved)], ['unknown', undefined]],
    ['was removed, but there is a moved one', [archive([...removed, ...moved])], ['symbol', [jndi]]],
    ['lies elsewhere, as all classes', [archive([])], ['unknown', undefined]],
    ['has no name any more', [archive([`${lookup}/a`, `${lookup}/StrSubstitutor`])], ['unknown', undefined]],
  ];

  it('were stored last month, and tell which vulnerable ones were removed', async () => {
    const digests: Digest[] = [];
    for (const [, archives] of cases)
      digests.push(await lab.stored(...archives.map((content, n) => ({ name: `srv/app${n}.jar`, content }))));
    assert.deepEqual(await lab.judged(digests[0]!), {});
    await lab.publish([
      ofArtifact('GHSA-jfh8-c2jp-5v3q', [shell]),
      ofArtifact('GHSA-p6xc-xr62-6r2g', ['CVE-2021-45105']),
    ]);
    for (const [index, [what, , want]] of cases.entries())
      assert.deepEqual(
        await lab.judged(digests[index]!),
        { [shell]: want, 'CVE-2021-45105': undefined },
        what,
      );
    const [, removedOne] = digests;
    const verdicts = await lab.judged(removedOne!);
    assert.deepEqual(await lab.judgedSboms(removedOne!), [verdicts, verdicts]);
  });
});
