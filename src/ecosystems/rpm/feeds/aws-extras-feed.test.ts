import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fakeUpstream } from '../../../feeds/upstream.fixture.ts';
import type { Advisory } from '../../../model/advisory.ts';
import { lookups } from '../lookups.ts';
import { amazonRelease } from '../scopes/releases.ts';
import { awsExtrasFeeds } from './aws-extras-feed.ts';
import { composeUpdates, repositoryAt, type UpdatePackage } from './updates.fixture.ts';

const EXTRAS = 'https://amazon.test/2/extras/';
const MIRROR = 'https://mirror.test/';

/** What the feed of a topic says of these fixes. */
async function load(topic: string, packages: readonly UpdatePackage[]) {
  const list = `${EXTRAS}${topic}/latest/x86_64/mirror.list`;
  const updates = composeUpdates([
    { id: `ALAS2${topic.toUpperCase()}-2026-001`, severity: 'important', packages },
  ]);
  const upstream = fakeUpstream({
    [list]: `${MIRROR}${topic}/`,
    ...repositoryAt(`${MIRROR}${topic}/`, gzipSync(updates), 'repodata/updateinfo.xml.gz'),
  });
  const feeds = await awsExtrasFeeds.feeds({ url: EXTRAS }, upstream.context);
  const feed = feeds.find(({ name }) => name.endsWith(`-${topic}-updater`));
  assert.ok(feed, topic);
  const fetched = await feed.fetch('', undefined, upstream.context);
  assert.ok(fetched !== 'unchanged');
  const advisories: Advisory[] = [];
  for await (const advisory of fetched.records) advisories.push(advisory);
  return { scope: feed.scopes[0]!, advisories };
}

const php = (version: string) => ({
  name: 'php-cli',
  epoch: '0',
  version,
  release: '1.amzn2',
  arch: 'x86_64',
});

describe('the feeds of repositories beside the core one', () => {
  it('cover what each package is looked up in', async () => {
    const feeds = await awsExtrasFeeds.feeds(undefined, fakeUpstream({}).context);
    const covered = new Set(feeds.flatMap(({ scopes }) => scopes.map(({ key }) => key)));
    assert.equal(covered.size, feeds.length);
    for (const [release, name, version] of [
      ['2', 'nginx', '1:1.22.1-1.amzn2.0.1'],
      ['2', 'nginx', '1:1.12.2-2.amzn2'],
      ['2', 'docker', '20.10.25-1.amzn2'],
      ['2', 'php-cli', '8.9.0-1.amzn2'],
      ['2', 'kernel', '5.15.160-104.158.amzn2'],
      ['2', 'postgresql-server', '14.12-1.amzn2'],
      ['2', 'redis', '6.2.14-1.amzn2'],
      ['2', 'kernel-livepatch-4.14.165-131.185', '1.0-0.amzn2'],
      ['2023', 'kernel-livepatch-6.1.12-17.42', '1.0-1.amzn2023'],
    ] as const) {
      const found = lookups({
        package: { name, version, kind: 'binary' },
        distribution: amazonRelease(release),
      });
      const alone = found.filter((each) => each.alone);
      assert.ok(alone.length > 0, name);
      for (const { scope } of alone) assert.ok(covered.has(scope), scope);
    }
  });

  it('are about one series of versions, where other topics have others', async () => {
    const { scope, advisories } = await load('php8.2', [
      php('8.2.9'),
      { ...php('1.10.13'), name: 'php-pear', epoch: '1' },
    ]);
    assert.equal(scope.key, 'amzn:2:extras-php8.2');
    assert.deepEqual(
      advisories.map(({ name, from, below, arches }) => [name, from, below, arches]),
      [
        ['php-cli', '8.2', '8.2.9-1.amzn2', ['x86_64']],
        ['php-pear', undefined, '1:1.10.13-1.amzn2', ['x86_64']],
      ],
    );
    assert.equal(advisories[0]?.vulnerability.name, 'ALAS2PHP8.2-2026-001');
    assert.equal(advisories[0]?.vulnerability.normalizedSeverity, 'High');
  });

  const scopes: [name: string, version: string, topics: string[]][] = [
    ['php-cli', '8.2.5-1.amzn2', ['php8.2']],
    ['php-cli', '8.0.30-1.amzn2', ['php8.0']],
    ['php-cli', '8.20.1-1.amzn2', ['php7.1', 'php7.2', 'php7.3', 'php7.4', 'php8.0', 'php8.1', 'php8.2']],
    ['nginx', '1:1.12.2-2.amzn2', ['nginx1.12']],
    ['nginx', '1:1.120.0-1.amzn2', ['nginx1']],
    ['kernel', '5.10.220-209.amzn2', ['kernel-5.10']],
    ['kernel', '5.4.279-192.amzn2', ['kernel-5.4']],
    ['kernel', '4.14.355-275.amzn2', []],
  ];
  for (const [name, version, topics] of scopes) {
    it(`look up ${name} ${version} in ${topics.join(', ') || 'the core repository alone'}`, () => {
      const found = lookups({
        package: { name, version, kind: 'binary' },
        distribution: amazonRelease('2'),
      });
      assert.deepEqual(
        found.map(({ scope }) => scope),
        ['amzn:2', ...topics.map((topic) => `amzn:2:extras-${topic}`)],
      );
    });
  }
});
