import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type CannedAnswer, fakeUpstream } from '../../../feeds/upstream.fixture.ts';
import { type Advisory, ANY_MODULE } from '../../../model/advisory.ts';
import { NO_DISTRIBUTION } from '../../../model/package.ts';
import { decideModule } from '../../decide.ts';
import { epelFeeds, fedoraFeeds } from '../feeds/fedora-feed.ts';
import { composeUpdates, repositoryAt, type UpdateFacts } from '../feeds/updates.fixture.ts';
import { lookups } from '../lookups.ts';
import { buildsIn } from './module-builds.ts';

const CONFIG = { url: 'https://f.test/', archive_url: 'https://old.test/', bodhi_url: '' };
const BASE = 'https://f.test/38/Modular/x86_64/';

const NODE = { name: 'nodejs', epoch: '1', version: '18.17.0', release: '1.module_f38+1+abcd' };
const BUILD = 'nodejs-18-3820230709102030.f38c0de1';
const UPDATE: UpdateFacts = { id: 'FEDORA-MODULAR-2023-1', title: BUILD, packages: [] };
const LISTED: UpdateFacts = {
  ...UPDATE,
  packages: [
    { ...NODE, arch: 'src' },
    { ...NODE, arch: 'x86_64' },
  ],
};

const document = (name: string, stream: string, version: string, rpms: readonly string[]) =>
  `---\ndocument: modulemd\nversion: 2\ndata:\n  name: ${name}\n  stream: ${stream}\n  version: ${version}\n  context: f38c0de1\n  artifacts:\n    rpms:\n${rpms.map((rpm) => `    - ${rpm}\n`).join('')}...\n`;
const MODULES = [
  '---\ndocument: modulemd-defaults\nversion: 1\ndata:\n  module: nodejs\n...\n',
  document('nodejs', '18', '3820230709102030', [
    'nodejs-1:18.17.0-1.module_f38+1+abcd.src',
    'nodejs-1:18.17.0-1.module_f38+1+abcd.x86_64',
    'nodejs-libs-1:18.17.0-1.module_f38+1+abcd.x86_64',
    'nodejs-debuginfo-1:18.17.0-1.module_f38+1+abcd.x86_64',
  ]),
  document('nodejs', '"20"', '3820230709102031', ['nodejs-1:20.4.0-1.module_f38+2+abcd.x86_64']),
].join('');

function repository(
  updates: readonly UpdateFacts[],
  modules?: string,
): Record<string, CannedAnswer | string | Buffer> {
  const answers = repositoryAt(BASE, composeUpdates(updates));
  if (modules === undefined) return answers;
  const repomd = String(answers[`${BASE}repodata/repomd.xml`]);
  const data = '<data type="modules"><location href="repodata/0-modules.yaml.gz"/></data></repomd>';
  return {
    ...answers,
    [`${BASE}repodata/repomd.xml`]: repomd.replace('</repomd>', data),
    [`${BASE}repodata/0-modules.yaml.gz`]: gzipSync(modules),
  };
}

async function load(updates: readonly UpdateFacts[], modules?: string) {
  const upstream = fakeUpstream(repository(updates, modules));
  const [feed] = await fedoraFeeds.feeds(CONFIG, upstream.context);
  const fetched = await feed!.fetch('', undefined, upstream.context);
  assert.ok(fetched !== 'unchanged');
  const records: Advisory[] = [];
  for await (const record of fetched.records) records.push(record);
  return { feed: feed!, records, problems: upstream.problems };
}

/** Whether a package of `module` is looked up where it meets the advisory. */
function meets(advisory: Advisory, module: string | undefined, version = '1:18.16.0-1.module_f38+1+aaaa') {
  const distribution = { ...NO_DISTRIBUTION, did: 'fedora', versionId: '38' };
  const installed = { name: 'nodejs', version, kind: 'binary', ...(module && { module }) } as const;
  const verdicts = lookups({ package: installed, distribution })
    .filter(
      ({ scope, kind, name }) => advisory.scope === scope && advisory.kind === kind && advisory.name === name,
    )
    .map((lookup) => decideModule(advisory.module ?? '', lookup.module ?? ''));
  return verdicts[0] ?? 'elsewhere';
}

describe('modules of Fedora', () => {
  it('are a feed of their own, whose scope no other has', async () => {
    const { feed } = await load([LISTED]);
    assert.equal(feed.name, 'fedora-38-modular-updater');
    assert.deepEqual(
      feed.scopes.map(({ key, distribution }) => [key, distribution?.prettyName]),
      [['fedora:38:modular', 'Fedora Linux 38']],
    );
  });

  const told = {
    name: 'nodejs',
    stream: '18',
    version: '3820230709102030',
    context: 'f38c0de1',
    arch: 'x86_64',
  };
  const ways: [string, readonly UpdateFacts[], string | undefined][] = [
    ['the update tells module and packages', [{ ...LISTED, title: 'nodejs:18', module: told }], undefined],
    ['its title tells the module', [LISTED], undefined],
    ['the repository lists the packages of the build that it names', [UPDATE], MODULES],
  ];
  for (const [what, updates, modules] of ways) {
    it(`are matched within their stream where ${what}`, async () => {
      const { records, problems } = await load(updates, modules);
      const found = records.find(({ kind, name }) => kind === 'binary' && name === 'nodejs')!;
      assert.deepEqual(
        [found.scope, found.module, found.below],
        ['fedora:38:modular', 'nodejs:18', '1:18.17.0-1.module_f38+1+abcd'],
      );
      assert.ok(records.some(({ kind, name }) => kind === 'source' && name === 'nodejs'));
      assert.ok(records.every(({ name }) => !name.includes('debuginfo')));
      assert.deepEqual(problems, []);
      assert.equal(meets(found, 'nodejs:18'), 'affected');
      assert.equal(meets(found, 'nodejs:18:38:aaaa'), 'affected');
      assert.equal(meets(found, 'nodejs:20'), 'unaffected');
      // A build of some stream, which its label would tell: nobody can say.
      assert.equal(meets(found, undefined), 'unknown');
      assert.equal(meets(found, undefined, '1:18.16.0-1.fc38'), 'elsewhere');
    });
  }

  it('of several builds in one update are of a stream that is not told', async () => {
    const { records } = await load([{ ...LISTED, title: `${BUILD}, nodejs-20-3820230709102031.f38c0de1` }]);
    assert.deepEqual([...new Set(records.map(({ module }) => module))], [ANY_MODULE]);
    assert.equal(meets(records[1]!, 'nodejs:20'), 'unknown');
  });

  it('whose packages nobody lists are a problem of the feed, never nothing', async () => {
    for (const modules of [
      undefined,
      document('perl', '5.36', '1', []),
      '---\ndocument: modulemd\ndata: [*a\n',
    ]) {
      const { records, problems } = await load([UPDATE, { ...LISTED, id: 'FEDORA-MODULAR-2023-2' }], modules);
      assert.deepEqual(
        problems.map(({ where }) => where),
        [UPDATE.id],
      );
      assert.equal(records.length, 2);
    }
    const { problems } = await load(
      [
        { ...UPDATE, title: 'a module' },
        { ...LISTED, id: 'F-2' },
      ],
      MODULES,
    );
    assert.match(problems[0]?.reason ?? '', /names no module/);
  });

  it('are there for EPEL 8 where its repository is', async () => {
    const place = 'https://old.test/8/Modular/x86_64/';
    const upstream = fakeUpstream(repositoryAt(place, composeUpdates([LISTED])));
    const feeds = await epelFeeds.feeds(CONFIG, upstream.context);
    const modular = feeds.filter(({ name }) => name.includes('modular'));
    assert.deepEqual(
      modular.map(({ name, scopes }) => [name, scopes[0]?.key]),
      [['epel-8-modular-updater', 'epel:8:modular']],
    );
    const none = await epelFeeds.feeds(CONFIG, fakeUpstream({}).context);
    assert.equal(
      none.some(({ name }) => name.includes('modular')),
      false,
    );
  });

  it('with a document of any content are no reason to fail', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(MODULES.length - 1), fc.string({ maxLength: 20 }), async (at, noise) => {
        const damaged = MODULES.slice(0, at) + noise + MODULES.slice(at + noise.length);
        const { records } = await load([UPDATE, { ...LISTED, id: 'F-2' }], damaged);
        for (const { name, below, module } of records) assert.ok(name && below && module);
      }),
      { numRuns: 150 },
    );
  });

  it('in titles are told apart from other words', () => {
    const of = (title: string) => buildsIn(title, new Map()).map(({ module }) => module);
    assert.deepEqual(of(`${BUILD} and gimp-2_10-20230101.deadbeef`), ['nodejs:18', ANY_MODULE]);
    assert.deepEqual(of('nodejs-18.17.0-1.fc38 curl'), []);
    assert.deepEqual(of('a-'.repeat(20_000)), []);
  });
});
