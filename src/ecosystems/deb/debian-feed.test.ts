import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../errors.ts';
import { recordsOf } from '../../feeds/in-pieces.ts';
import { fakeUpstream } from '../../feeds/upstream.fixture.ts';
import type { Advisory } from '../../model/advisory.ts';
import { debianFeeds, readTracker } from './debian-feed.ts';
import { debianRelease } from './releases.ts';

const DISTS = 'https://mirror.test/debian/dists/';
const JSON_URL = 'https://tracker.test/json';
const CONFIG = { mirror_url: 'https://mirror.test', json_url: JSON_URL };

const listing = (...names: string[]) => names.map((name) => `<a href="${name}/">${name}/</a>`).join('\n');
const release = (version: string, suite = 'stable') =>
  `Origin: Debian\nSuite: ${suite}\n${version && `Version: ${version}\n`}MD5Sum:\n ${'0'.repeat(2000)}\n`;

const MIRROR = {
  [DISTS]: listing(
    '..',
    'bookworm',
    'trixie',
    'forky',
    'sid',
    'stable',
    'bookworm-updates',
    'Debian12.11',
    'README',
  ),
  [`${DISTS}bookworm/Release`]: release('12.11'),
  [`${DISTS}trixie/Release`]: release('13.1'),
  [`${DISTS}forky/Release`]: release('', 'testing'),
};

const TRACKER = {
  openssl: {
    'CVE-1': {
      description: 'One.',
      releases: {
        bookworm: { status: 'resolved', fixed_version: '3.0.1-1', urgency: 'high' },
        trixie: { status: 'resolved', fixed_version: '0', urgency: 'low' },
        forky: { status: 'open', urgency: 'unimportant' },
        sid: { status: 'open', urgency: 'low' },
      },
    },
    'CVE-2': { releases: { bookworm: { status: 'undetermined', urgency: 'medium**' } } },
  },
  odd: {
    'TEMP-1': {
      description: 'Odd.',
      releases: { bookworm: { fixed_version: '18 Oct 2016', urgency: 'Medium' } },
    },
  },
};

async function load(upstream: ReturnType<typeof fakeUpstream>, fingerprint = '', config?: unknown) {
  const [feed, ...more] = await debianFeeds.feeds(CONFIG, upstream.context);
  assert.ok(feed && more.length === 0);
  const fetched = await feed.fetch(fingerprint, config, upstream.context);
  return {
    feed,
    fetched,
    records: fetched === 'unchanged' ? [] : await Readable.from(fetched.records).toArray(),
  };
}

function brief({
  scope,
  name,
  kind,
  below,
  fixedInVersion,
  vulnerability: { severity, normalizedSeverity, ...text },
}: Advisory) {
  return [scope, kind, name, below, fixedInVersion, text.name, severity, normalizedSeverity];
}

describe('the Debian feed', () => {
  it('reads the tracker for the releases that the mirror has', async () => {
    const upstream = fakeUpstream({
      ...MIRROR,
      [JSON_URL]: { body: JSON.stringify(TRACKER), headers: { 'last-modified': 'then' } },
    });
    const { feed, fetched, records } = await load(upstream);
    assert.equal(feed.name, 'debian/updater');
    assert.deepEqual(feed.scopes, [
      { key: 'debian:12', distribution: debianRelease('12', 'bookworm') },
      { key: 'debian:13', distribution: debianRelease('13', 'trixie') },
      { key: 'debian:forky', distribution: debianRelease('', 'forky') },
    ]);
    assert.ok(fetched !== 'unchanged' && fetched.fingerprint === 'then');
    assert.deepEqual(records.map(brief), [
      ['debian:12', 'source', 'openssl', '3.0.1-1', '3.0.1-1', 'CVE-1', 'high', 'Critical'],
      ['debian:forky', 'source', 'openssl', undefined, '', 'CVE-1', 'unimportant', 'Low'],
      ['debian:12', 'source', 'openssl', undefined, '', 'CVE-2', 'medium**', 'Unknown'],
      ['debian:12', 'source', 'odd', '18 Oct 2016', '18 Oct 2016', 'TEMP-1', 'Medium', 'High'],
    ]);
    assert.deepEqual(records[0].vulnerability, {
      name: 'CVE-1',
      description: 'One.',
      links: 'https://security-tracker.debian.org/tracker/CVE-1',
      severity: 'high',
      normalizedSeverity: 'Critical',
    });
    assert.deepEqual([upstream.problems, upstream.open()], [[], 0]);
  });

  it('asks for news only, of the URL of the feed if it has one', async () => {
    const body = { body: '{}', headers: { 'last-modified': 'then' } };
    const upstream = fakeUpstream({ ...MIRROR, [JSON_URL]: body, 'https://other.test/x': body });
    assert.equal((await load(upstream, 'then')).fetched, 'unchanged');
    assert.notEqual((await load(upstream, 'before')).fetched, 'unchanged');
    await load(upstream, '', { json_url: 'https://other.test/x' });
    assert.equal(upstream.requests.at(-1), 'GET https://other.test/x');
    assert.equal(upstream.open(), 0);
  });

  it('keeps the other releases when one cannot be read', async () => {
    const upstream = fakeUpstream({
      ...MIRROR,
      [DISTS]: listing('bookworm', 'trixie', 'newer', 'odd'),
      [`${DISTS}trixie/Release`]: { status: 500 },
      [`${DISTS}newer/Release`]: undefined,
      [`${DISTS}odd/Release`]: 'garbage',
      [JSON_URL]: '{}',
    });
    const { feed } = await load(upstream);
    assert.deepEqual(
      feed.scopes.map(({ key }) => key),
      ['debian:12', 'debian:13'], // what is known of trixie does not change
    );
    assert.deepEqual(
      upstream.problems.map(({ where }) => where),
      [`${DISTS}trixie/Release`, `${DISTS}newer/Release`, `${DISTS}odd/Release`],
    );
  });

  const failures: [what: string, table: Parameters<typeof fakeUpstream>[0], message: RegExp][] = [
    ['no list of releases', { [DISTS]: { status: 403 } }, /debian\/dists\/ answered 403/],
    ['no answer', { [DISTS]: undefined }, /no answer/],
    ['a list without a release', { [DISTS]: '<html>' }, /no release of Debian/],
    ['no document', MIRROR, /json returned status 404/],
    ['a document that is cut short', { ...MIRROR, [JSON_URL]: '{"a":{' }, /JSON/],
    ['another document', { ...MIRROR, [JSON_URL]: '[{}]' }, /no object of source packages/],
  ];
  for (const [what, table, message] of failures) {
    it(`fails for ${what}`, async () => {
      const upstream = fakeUpstream(table);
      await assert.rejects(
        load(upstream),
        (error) => error instanceof AppError && error.code === 'feed' && message.test(error.message),
      );
      assert.equal(upstream.open(), 0);
    });
  }

  it('refuses a configuration that is wrong, naming the key', async () => {
    const { context } = fakeUpstream({});
    await assert.rejects(
      debianFeeds.feeds({ mirror_url: 'nowhere' }, context),
      /updaters\.config\.debian\.mirror_url/,
    );
  });

  const releases = new Map([['bookworm', debianRelease('12', 'bookworm')]]);
  const tracker = (text: string, problems: string[] = []) => {
    const problem = ({ where }: { where: string }): void => void problems.push(where);
    const pieces = readTracker(Readable.from([Buffer.from(text)]), releases, { problem });
    return Readable.from(recordsOf(pieces, problem)).toArray() as Promise<Advisory[]>;
  };

  it('keeps the other issues and packages when one cannot be read', async () => {
    const problems: string[] = [];
    const records = await tracker(
      JSON.stringify({
        a: 'none',
        b: {
          'CVE-1': { releases: { bookworm: { fixed_version: 1 } } },
          'CVE-2': { releases: { bookworm: { urgency: 'constructor' } } },
        },
        c: null,
      }),
      problems,
    );
    assert.deepEqual(records.map(brief), [
      ['debian:12', 'source', 'b', undefined, '', 'CVE-2', 'constructor', 'Unknown'],
    ]);
    assert.deepEqual(problems, ['a', 'b CVE-1', 'c']);
  });

  it('has a piece an issue, and loses no more than the package whose JSON is broken', async () => {
    const contents = async (text: string, problems: string[] = []): Promise<string[]> => {
      const problem = ({ where }: { where: string }): void => void problems.push(where);
      const pieces = readTracker(Readable.from([Buffer.from(text)]), releases, { problem });
      return (await Readable.from(pieces).toArray()).map(({ content }) => String(content));
    };
    const before = await contents('{"a": {"CVE-1": {"x": 1}, "CVE-2": {}}, "b": {"CVE-1": {"x": 1}}}');
    assert.equal(new Set(before).size, 3);
    const after = await contents('{"b": {"CVE-1": {"x": 1}}, "a": {"CVE-2": {}, "CVE-1": {"x": 2}}}');
    assert.deepEqual(after.toSorted().filter((each) => !before.includes(each)).length, 1);
    const problems: string[] = [];
    assert.equal(
      (await contents('{"a": {"CVE-1": {} "CVE-2": {}}, "b": {"CVE-1": {}}}', problems)).length,
      1,
    );
    assert.deepEqual(problems, ['a']);
  });

  it('takes any JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.dictionary(fc.string(), fc.jsonValue())), (value) =>
        tracker(JSON.stringify(value)).then(() => undefined),
      ),
    );
  });
});
