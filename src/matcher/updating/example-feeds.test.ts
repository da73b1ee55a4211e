import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { FeedContext } from '../../contract/feed.ts';
import type { VersionScheme } from '../../contract/version-scheme.ts';
import { apkVersion } from '../../ecosystems/apk/version.ts';
import { dpkgVersions } from '../../ecosystems/deb/version.ts';
import { goVersions } from '../../ecosystems/go/version.ts';
import { npmVersions } from '../../ecosystems/node/version.ts';
import { pep440 } from '../../ecosystems/python/version.ts';
import { AppError } from '../../errors.ts';
import type { Advisory } from '../../model/advisory.ts';
import { exampleFeeds } from './example-feeds.ts';

const schemes = [dpkgVersions, apkVersion, pep440, npmVersions, goVersions] as readonly VersionScheme[];
const bundle = fileURLToPath(new URL('../../../examples/feeds/advisories.json', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'clair-example-test-'));
after(() => rmSync(folder, { recursive: true }));

function write(content: string): string {
  const path = join(folder, 'bundle.json');
  writeFileSync(path, content);
  return path;
}

async function load(feed: ReturnType<typeof exampleFeeds>[number], fingerprint = '') {
  const problems: unknown[] = [];
  const fetched = await feed.fetch(fingerprint, undefined, {
    problem: (p: unknown) => problems.push(p),
  } as unknown as FeedContext);
  const advisories: Advisory[] = [];
  if (fetched !== 'unchanged') for await (const advisory of fetched.records) advisories.push(advisory);
  return { fetched, advisories, problems };
}

describe('exampleFeeds', () => {
  it('reads the bundle that comes with the program: no problems, every bound a version, every range not empty', async () => {
    const feeds = exampleFeeds(bundle, schemes);
    assert.deepEqual(
      feeds.map(({ name }) => name),
      ['debian/updater', 'alpine-main-v3.18-updater', 'osv/pypi', 'osv/npm', 'osv/go'],
    );
    for (const feed of feeds) {
      const { advisories, problems, fetched } = await load(feed);
      assert.deepEqual(problems, []);
      assert.ok(advisories.length >= 5);
      for (const { from, below, name } of advisories) {
        const [lo, hi] = [from, below].map((bound) =>
          bound === undefined ? undefined : feed.versions.parse(bound),
        );
        assert.equal(lo === undefined, from === undefined, `${name} ${from}`);
        assert.equal(hi === undefined, below === undefined, `${name} ${below}`);
        if (lo !== undefined && hi !== undefined) assert.ok(feed.versions.compare(lo, hi) < 0, name);
      }
      assert.ok(fetched !== 'unchanged');
      assert.equal((await load(feed, fetched.fingerprint)).fetched, 'unchanged');
    }
  });

  const advisory = {
    scope: 's',
    name: 'p',
    kind: 'source',
    fixedInVersion: '',
    vulnerability: { name: 'CVE-1', description: '', links: '', severity: '', normalizedSeverity: 'Low' },
  };
  const withFeed = (feed: object) =>
    JSON.stringify({
      label: 'l',
      feeds: [{ name: 'f', scope: { key: 's' }, versions: 'dpkg', advisories: [], ...feed }],
    });

  it('keeps what can be read, and tells what cannot', async () => {
    const path = write(
      withFeed({
        advisories: [
          advisory,
          { ...advisory, kind: 'x' },
          7,
          { ...advisory, scope: 'other' },
          { ...advisory, below: '1', upTo: '1' },
          advisory,
        ],
      }),
    );
    const { advisories, problems } = await load(exampleFeeds(path, schemes)[0]!);
    assert.equal(advisories.length, 2);
    assert.deepEqual(
      problems.map((p) => (p as { where: string }).where),
      ['advisories[1]', 'advisories[2]', 'advisories[3]', 'advisories[4]'],
    );
  });

  const bad: [what: string, content: string, want: RegExp][] = [
    ['no JSON', '{', /no bundle of example advisories/],
    ['no bundle', '[]', /no bundle of example advisories/],
    ['an unknown scheme', withFeed({ versions: 'roman' }), /no version scheme is called "roman"/],
  ];
  for (const [what, content, want] of bad) {
    it(`refuses ${what}`, () => {
      const path = write(content);
      assert.throws(
        () => exampleFeeds(path, schemes),
        (error) =>
          error instanceof AppError &&
          error.code === 'feed' &&
          error.message.includes(path) &&
          want.test(error.message),
      );
    });
  }
  it('names a file that is not there', () =>
    assert.throws(() => exampleFeeds('/nowhere', schemes), /\/nowhere/));
  it('never throws anything else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.json().map((j) => withFeed({ advisories: [JSON.parse(j)] })),
          fc.json().map((j) => withFeed({ scope: JSON.parse(j) })),
        ),
        async (content) => {
          try {
            for (const feed of exampleFeeds(write(content), schemes)) await load(feed);
          } catch (error) {
            assert.ok(error instanceof AppError, String(error));
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
