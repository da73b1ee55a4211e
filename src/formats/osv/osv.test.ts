import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import type { Feed, FeedContext } from '../../contract/feed.ts';
import type { HttpRequest } from '../../lib/http-client.ts';
import type { Advisory } from '../../model/advisory.ts';
import { makeZip } from '../archives/zip.fixture.ts';
import type { OsvOptions } from './options.ts';
import { osv } from './osv.ts';

const directory = mkdtempSync(join(tmpdir(), 'osv-'));
after(() => rmSync(directory, { recursive: true }));

const WARES: OsvOptions = {
  dump: 'Wares',
  scope: { key: 'wares', repository: { name: 'wares' } },
  versions: { id: 'text', parse: (text) => text, compare: () => 0, key: () => undefined },
  ranges: ['ECOSYSTEM'],
  encodeFixed: 'text',
};
const set = osv(WARES);

interface Upstream {
  readonly status?: number;
  readonly body?: Buffer | string;
  readonly etag?: string;
}

/** A world in which every request gets the same answer. */
function world({ status = 200, body = '', etag = '' }: Upstream = {}) {
  const asked: { url: string; options: HttpRequest | undefined }[] = [];
  const problems: string[] = [];
  const stop = new AbortController();
  const context: FeedContext = {
    request: async (url, options) => {
      asked.push({ url, options });
      return {
        status,
        url,
        header: (name) => (name === 'etag' ? etag : ''),
        body: Readable.from([Buffer.from(body)]),
        discard: async () => {},
        text: async () => `${body}`,
      };
    },
    spool: async (stream) => {
      const path = join(directory, `${Math.random()}`);
      writeFileSync(path, await buffer(stream));
      return path;
    },
    problem: ({ where, reason }) => problems.push(`${where}: ${reason}`),
    now: () => new Date('2025-01-01'),
    signal: stop.signal,
  };
  return { context, asked, problems, stop };
}

async function feed(config: unknown = undefined): Promise<Feed> {
  const [only] = await set.feeds(config, world().context);
  return only ?? assert.fail('there is a feed');
}

async function load(
  upstream: Upstream,
  config?: unknown,
): Promise<{ advisories: Advisory[]; problems: string[] }> {
  const { context, problems } = world(upstream);
  const fetched = await (await feed()).fetch('', config, context);
  assert.ok(fetched !== 'unchanged');
  return { advisories: await collect(fetched.records), problems };
}

async function collect<T>(records: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of records) all.push(each);
  return all;
}

function record(id: string): string {
  const ranges = [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2' }] }];
  return JSON.stringify({ id, affected: [{ package: { ecosystem: 'Wares', name: 'w' }, ranges }] });
}

describe('the feed set', () => {
  it('has one feed of one scope', async () => {
    assert.equal(set.set, 'osv');
    const { name, scopes } = await feed();
    assert.equal(name, 'osv/wares');
    assert.deepEqual(scopes, [{ key: 'wares', repository: { name: 'wares' } }]);
  });

  const lists: [string[] | null | undefined, number][] = [
    [undefined, 1],
    [null, 1],
    [['wares'], 1],
    [['Else', 'WARES'], 1],
    [['Else'], 0],
    [[], 0],
  ];
  for (const [allowlist, want] of lists) {
    it(`obeys the allowlist ${JSON.stringify(allowlist)}`, async () => {
      assert.equal((await set.feeds({ allowlist }, world().context)).length, want);
    });
  }

  const mirrors: [what: string, config: unknown, status: number, want: number, asked: number][] = [
    ['its own place without asking', undefined, 404, 1, 0],
    ['a mirror that has it', { url: 'http://mirror/osv/' }, 200, 1, 1],
    ['a mirror that fails', { url: 'http://mirror/osv/' }, 500, 1, 1],
    ['no mirror that lacks it', { url: 'http://mirror/osv/' }, 404, 0, 1],
  ];
  for (const [what, config, status, want, asks] of mirrors) {
    it(`of a dump that mirrors may lack has ${what}`, async () => {
      const { context, asked } = world({ status });
      const young = osv({ ...WARES, mirrorsMayLack: true });
      assert.equal((await young.feeds(config, context)).length, want);
      assert.equal(asked.length, asks);
    });
  }

  const places: [unknown, unknown, string][] = [
    [undefined, undefined, 'https://osv-vulnerabilities.storage.googleapis.com/Wares/all.zip'],
    [{ url: 'http://mirror/osv' }, {}, 'http://mirror/osv/Wares/all.zip'],
    [{ url: 'http://mirror/' }, { url: 'http://other/x/' }, 'http://other/x/Wares/all.zip'],
    [{ url: 'http://mirror/' }, { url: 'http://other/some.zip' }, 'http://other/some.zip'],
  ];
  for (const [ofSet, ofFeed, want] of places) {
    it(`asks ${want}`, async () => {
      const { context, asked } = world({ status: 304 });
      assert.equal(await (await feed(ofSet)).fetch('"1"', ofFeed, context), 'unchanged');
      assert.deepEqual(asked, [{ url: want, options: { etag: '"1"' } }]);
    });
  }

  it('refuses a wrong configuration', async () => {
    await assert.rejects(set.feeds({ allowlist: 'npm' }, world().context), { code: 'bad-config' });
    await assert.rejects((await feed()).fetch('', { url: 'nowhere' }, world().context), {
      code: 'bad-config',
    });
  });
});

describe('the feed', () => {
  it('gives the advisories of all records, whatever a few are', async () => {
    const members = [
      { name: 'W-1.json', content: record('W-1') },
      { name: 'W-2.json', content: '{' },
      { name: 'W-3.json', content: '[]' },
      { name: 'W-4.json', content: record('W-4'), crc: 7 },
      { name: 'directory/', content: '', method: 0 },
      { name: 'W-5.json', content: record('W-5') },
    ];
    const { advisories, problems } = await load({ body: makeZip({ members }) });
    assert.deepEqual(
      advisories.map(({ vulnerability, below }) => [vulnerability.name, below]),
      [
        ['W-1', '2'],
        ['W-5', '2'],
      ],
    );
    assert.deepEqual(
      problems.map((problem) => problem.split(':')[0]),
      ['W-2.json', 'W-3.json', 'W-4.json'],
    );
  });

  it('knows the records that changed by the directory of the archive', async () => {
    const contents = async (members: { name: string; content: string }[]): Promise<unknown[]> => {
      const fetched = await (await feed()).fetch('', {}, world({ body: makeZip({ members }) }).context);
      assert.ok(fetched !== 'unchanged' && fetched.pieces !== undefined);
      return (await collect(fetched.pieces)).map(({ content }) => content);
    };
    const of = (...ids: string[]) => ids.map((id) => ({ name: `${id}.json`, content: record(id) }));
    const before = await contents(of('W-1', 'W-2', 'W-3'));
    const changed = { name: 'W-2.json', content: record('W-2').replace('"2"', '"3"') };
    const after = await contents([...of('W-3'), changed, ...of('W-1')]);
    assert.deepEqual([after[0], after[2]], [before[2], before[0]]);
    assert.ok(!before.includes(after[1]));
  });

  it('remembers the ETag', async () => {
    const { context } = world({ etag: '"2"', body: makeZip({ members: [] }) });
    const fetched = await (await feed()).fetch('"1"', {}, context);
    assert.equal(fetched !== 'unchanged' && fetched.fingerprint, '"2"');
    assert.equal(await (await feed()).fetch('"2"', {}, context), 'unchanged');
  });

  const failures: [string, Upstream, RegExp][] = [
    ['an error', { status: 500 }, /status 500/],
    ['no such dump', { status: 404 }, /status 404/],
    ['no archive', { body: '<html>' }, /not a zip archive/],
    ['an empty archive', { body: makeZip({ members: [] }) }, /no readable record/],
    ['only nonsense', { body: makeZip({ members: [{ name: 'x', content: 'x' }] }) }, /no readable record/],
    [
      'half an archive',
      { body: makeZip({ members: [{ name: 'x', content: record('W') }] }).subarray(0, 60) },
      /zip/,
    ],
  ];
  for (const [name, upstream, want] of failures) {
    it(`fails on ${name}`, () =>
      assert.rejects(load(upstream), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'feed');
        assert.match(error.message, want);
        return true;
      }));
  }

  it('stops when told to', async () => {
    const members = Array.from({ length: 500 }, (_, i) => ({ name: `${i}.json`, content: record(`W-${i}`) }));
    const { context, stop } = world({ body: makeZip({ members }) });
    const fetched = await (await feed()).fetch('', {}, context);
    assert.ok(fetched !== 'unchanged');
    stop.abort(new Error('stopped'));
    await assert.rejects(collect(fetched.records), /stopped/);
  });
});
