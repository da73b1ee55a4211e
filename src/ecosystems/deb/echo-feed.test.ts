import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { layerFile } from '../../contract/layer-file.fixture.ts';
import { fakeUpstream } from '../../feeds/upstream.fixture.ts';
import type { Advisory } from '../../model/advisory.ts';
import { echoDetector } from './distributions.ts';
import { echoFeeds } from './echo-feed.ts';
import { lookups } from './lookups.ts';

const URL = 'https://echo.test/data.json';

async function load(document: string) {
  const upstream = fakeUpstream({ [URL]: { body: document, headers: { etag: '"1"' } } });
  const [feed] = await echoFeeds.feeds({ url: URL }, upstream.context);
  const fetched = await feed!.fetch('', undefined, upstream.context);
  assert.ok(fetched !== 'unchanged');
  const advisories: Advisory[] = [];
  for await (const advisory of fetched.records) advisories.push(advisory);
  return { feed: feed!, fetched, advisories, ...upstream };
}

describe('the feed of Echo', () => {
  it('has a source package for each fix, and what has none', async () => {
    const { advisories, problems } = await load(
      JSON.stringify({
        curl: {
          'CVE-2024-11053': { fixed_version: '7.88.1-10+deb12u8', severity: 'HIGH' },
          'CVE-2024-2': { fixed_version: '', severity: 'low' },
          'CVE-2024-3': { severity: null, fixed_version: null },
          'CVE-2024-4': { fixed_version: '0' },
          'CVE-2024-5': { fixed_version: 7 },
        },
        bad: [],
      }),
    );
    assert.deepEqual(
      advisories.map(({ scope, kind, name, below, fixedInVersion, vulnerability }) => [
        scope,
        kind,
        name,
        below,
        fixedInVersion,
        vulnerability.name,
        vulnerability.normalizedSeverity,
      ]),
      [
        ['echo', 'source', 'curl', '7.88.1-10+deb12u8', '7.88.1-10+deb12u8', 'CVE-2024-11053', 'High'],
        ['echo', 'source', 'curl', undefined, '', 'CVE-2024-2', 'Low'],
        ['echo', 'source', 'curl', undefined, '', 'CVE-2024-3', 'Unknown'],
      ],
    );
    assert.deepEqual(
      problems.map(({ where }) => where),
      ['curl CVE-2024-5', 'bad'],
    );
  });

  it('asks again only for news, and where the configuration says', async () => {
    const { feed, fetched, context, requests } = await load('{}');
    assert.equal(await feed.fetch(fetched.fingerprint, undefined, context), 'unchanged');
    await assert.rejects(feed.fetch('', { url: 'https://mirror.test/echo.json' }, context), { code: 'feed' });
    const [usual] = await echoFeeds.feeds(undefined, context);
    await assert.rejects(usual!.fetch('', undefined, context), { code: 'feed' });
    assert.deepEqual(requests.slice(2), [
      'GET https://mirror.test/echo.json',
      'GET https://advisory.echohq.com/data.json',
    ]);
  });

  it('is refused if it is no object, or cut', async () => {
    await assert.rejects(load('[{}]'), { code: 'feed' });
    await assert.rejects(load('{"curl": {"CVE-1'), { code: 'feed' });
  });

  it('survives anything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        await load(text).catch((error: { code?: string }) => assert.equal(error.code, 'feed'));
      }),
      { numRuns: 60 },
    );
  });
});

describe('Echo', () => {
  it('is told by os-release, and its packages by their sources', () => {
    const file = (path: string) =>
      path === 'etc/os-release'
        ? layerFile(path, Buffer.from('ID=echo\nID_LIKE=debian\nNAME="Echo"\nVERSION_ID="1"\n'))
        : undefined;
    const [found] = echoDetector.read!({
      files: [],
      file,
      names: () => [],
      has: (path) => file(path) !== undefined,
    });
    assert.ok(found?.found === 'distribution');
    const [first] = lookups({
      package: {
        name: 'libcurl4',
        version: '7.88.1-10',
        kind: 'binary',
        source: { name: 'curl', version: '7.88.1-10' },
      },
      distribution: found.distribution,
    });
    assert.deepEqual(first, { scope: 'echo', kind: 'source', name: 'curl', version: '7.88.1-10' });
  });
});
