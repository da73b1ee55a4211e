import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { ResolverContext } from '../../../contract/resolver.ts';
import type { HttpRequest } from '../../../lib/http-client.ts';
import type { HttpResponse } from '../../../lib/http-response.ts';
import { keepMapping } from './kept-mapping.ts';
import { mappingSettings } from './settings.ts';

const HOUR = 3_600_000;
const URL = 'http://127.0.0.1:1/mapping.json';

interface Answer {
  readonly status?: number;
  readonly body?: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A world in which `answers` are given in turn, and time stands still but for `later`. */
function world(answers: (Answer | Error | 'never')[], airgap = false) {
  let now = 0;
  const requests: HttpRequest[] = [];
  const warnings: string[] = [];
  const context: ResolverContext = {
    config: () => undefined,
    airgap,
    now: () => new Date(now),
    warn: (_message, { reason }) => warnings.push(String(reason)),
    async request(url, { signal, ...request }) {
      requests.push(request);
      const answer = answers.shift() ?? new Error('asked too often');
      if (answer instanceof Error) throw answer;
      if (answer === 'never') {
        return await new Promise<never>((_, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        );
      }
      const { status = 200, body = '', headers = {} } = answer;
      return {
        status,
        url,
        header: (name) => headers[name] ?? '',
        body: Readable.from([Buffer.from(body)]),
        discard: async () => {},
        text: async () => String(body),
      } satisfies HttpResponse;
    },
  };
  return { context, requests, warnings, later: (ms: number) => (now += ms) };
}

function parse(document: unknown): unknown {
  if (typeof document !== 'object') throw new TypeError('no object');
  return document;
}

const never = new AbortController().signal;

describe('a kept mapping', () => {
  let folder = '';
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'clair-mapping-'))));
  after(() => rm(folder, { recursive: true }));
  const file = async (name: string, content: string | Buffer) => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };

  it('is asked when it is needed, and again after a day, whether there is anything newer', async () => {
    const { context, requests, later } = world([
      { body: '{"v":1}', headers: { 'last-modified': 'Sat, 01 Feb 2025 10:11:12 GMT', etag: '"1"' } },
      { status: 304 },
      { body: '{"v":2}' },
    ]);
    const mapping = keepMapping('it', { url: URL, timeout: 1000 }, parse, context);
    assert.equal(requests.length, 0);
    const many = await Promise.all([mapping(never), mapping(never), mapping(never)]);
    assert.deepEqual(many, [{ value: { v: 1 } }, { value: { v: 1 } }, { value: { v: 1 } }]);
    later(23 * HOUR);
    await mapping(never);
    assert.equal(requests.length, 1);
    later(2 * HOUR);
    assert.deepEqual(await mapping(never), { value: { v: 1 } });
    assert.deepEqual(requests[1], { etag: '"1"', modifiedSince: 'Sat, 01 Feb 2025 10:11:12 GMT' });
    later(25 * HOUR);
    assert.deepEqual(await mapping(never), { value: { v: 2 } });
  });

  const failures: [string, Answer | Error | 'never', RegExp][] = [
    ['no answer', new Error('nobody there'), /nobody there/],
    ['another status', { status: 503 }, /status 503/],
    ['no JSON', { body: '<html>' }, /JSON/],
    ['another document', { body: '"text"' }, /no object/],
    ['damaged gzip', { body: Buffer.from('1f8b08000000', 'hex') }, /./],
    ['an answer that does not end', 'never', /not here within 0.05 s/],
  ];
  for (const [what, answer, reason] of failures) {
    it(`after ${what}: the reason at first, then what there was; tried again sooner`, async () => {
      const first = world([answer, { body: '{"v":1}' }]);
      const mapping = keepMapping('the mapping', { url: URL, timeout: 50 }, parse, first.context);
      const failed = await mapping(never);
      assert.ok(
        failed.value === undefined && reason.test(failed.reason ?? '') && failed.reason?.includes(URL),
      );
      assert.equal(first.warnings.length, 1);
      first.later(60_000);
      await mapping(never);
      assert.equal(first.requests.length, 1);
      first.later(HOUR);
      assert.deepEqual(await mapping(never), { value: { v: 1 } });

      const second = world([{ body: '{"v":1}' }, answer, { body: '{"v":2}' }]);
      const kept = keepMapping('the mapping', { url: URL, timeout: 50 }, parse, second.context);
      await kept(never);
      second.later(25 * HOUR);
      assert.deepEqual(await kept(never), { value: { v: 1 } });
      second.later(HOUR);
      assert.deepEqual(await kept(never), { value: { v: 2 } });
    });
  }

  it('of a file alone is never asked for elsewhere, and read again only if it could not be', async () => {
    const { context, requests, later } = world([]);
    const path = join(folder, 'late.json');
    const mapping = keepMapping('it', { file: path, timeout: 1000 }, parse, context);
    const failed = await mapping(never);
    assert.ok(failed.value === undefined && failed.reason?.includes(path));
    await file('late.json', '{"v":1}');
    later(HOUR);
    assert.deepEqual(await mapping(never), { value: { v: 1 } });
    later(100 * HOUR);
    assert.deepEqual(await mapping(never), { value: { v: 1 } });
    assert.equal(requests.length, 0);
  });

  it('of both begins with the file', async () => {
    const { context, later } = world([new Error('nobody there'), { body: '{"v":2}' }]);
    const mapping = keepMapping(
      'it',
      { file: await file('seed.json', '{"v":1}'), url: URL, timeout: 1000 },
      parse,
      context,
    );
    assert.deepEqual(await mapping(never), { value: { v: 1 } });
    later(HOUR);
    assert.deepEqual(await mapping(never), { value: { v: 2 } });
  });

  it('of a file that cannot be read is the one of the URL', async () => {
    const { context } = world([{ body: '{"v":2}' }]);
    const mapping = keepMapping(
      'it',
      { file: await file('bad.json', '{'), url: URL, timeout: 1000 },
      parse,
      context,
    );
    assert.deepEqual(await mapping(never), { value: { v: 2 } });
  });

  // printf '{"v":1}' | bzip2 | base64
  const bzip2 = Buffer.from('QlpoOTFBWSZTWULuJngAAAKYgBAAIBABCiAAIYAMAlsG3F3JFOFCQQu4meA=', 'base64');
  for (const [what, content] of [
    ['plain', Buffer.from('\uFEFF{"v":1}')],
    ['gzip', gzipSync('{"v":1}')],
    ['zstd', zstdCompressSync('{"v":1}')],
    ['bzip2', bzip2],
  ] as const) {
    it(`may be ${what}`, async () => {
      const { context } = world([{ body: content }]);
      const fromFile = keepMapping(
        'it',
        { file: await file(`m.${what}`, content), timeout: 1000 },
        parse,
        context,
      );
      assert.deepEqual(await fromFile(never), { value: { v: 1 } });
      const fromUrl = keepMapping('it', { url: URL, timeout: 1000 }, parse, context);
      assert.deepEqual(await fromUrl(never), { value: { v: 1 } });
    });
  }

  it('in an air gap is asked of private addresses only', async () => {
    const open = world([{ body: '{"v":1}' }], true);
    assert.deepEqual(await keepMapping('it', { url: URL, timeout: 1000 }, parse, open.context)(never), {
      value: { v: 1 },
    });
    for (const url of ['http://192.0.2.1/', 'http://[2001:db8::1]/x']) {
      const closed = world([], true);
      const failed = await keepMapping('it', { url, timeout: 1000 }, parse, closed.context)(never);
      assert.ok(failed.value === undefined && /airgap/.test(failed.reason ?? ''), url);
      assert.equal(closed.requests.length, 0);
    }
  });

  it('lets go whoever does not want to wait, and no one else', async () => {
    const { context } = world(['never', { body: '{"v":1}' }]);
    const mapping = keepMapping('it', { url: URL, timeout: 100 }, parse, context);
    const abort = new AbortController();
    const [left, stayed] = [mapping(abort.signal), mapping(never)];
    abort.abort(new Error('enough'));
    await assert.rejects(left, /enough/);
    assert.equal((await stayed).value, undefined);
    await assert.rejects(mapping(AbortSignal.abort(new Error('before'))), /before/);
  });
});

describe('settings of a mapping', () => {
  const keys = {
    section: 'indexer.scanner.repo.x',
    url: 'mapping_url',
    file: 'mapping_file',
    defaultUrl: 'https://example.org/m',
  };
  const cases: [unknown, object][] = [
    [undefined, { url: keys.defaultUrl, timeout: 10_000 }],
    [null, { url: keys.defaultUrl, timeout: 10_000 }],
    [
      { disable_api: true, timeout: 0 },
      { url: keys.defaultUrl, timeout: 10_000 },
    ],
    [
      { mapping_url: 'http://a/b', timeout: 2_000_000_000 },
      { url: 'http://a/b', timeout: 2000 },
    ],
    [
      { mapping_file: '/a', mapping_url: '' },
      { file: '/a', timeout: 10_000 },
    ],
    [
      { mapping_file: '/a', mapping_url: 'http://a/b', timeout: '1m30s' },
      { file: '/a', url: 'http://a/b', timeout: 90_000 },
    ],
  ];
  for (const [given, want] of cases) {
    it(JSON.stringify(given) ?? 'none', () => assert.deepEqual(mappingSettings(given, keys), want));
  }
  for (const given of [
    'x',
    { mapping_url: 'ftp://a/b' },
    { mapping_url: 1 },
    { mapping_file: [] },
    { timeout: '10' },
    { timeout: -1 },
    { timeout: '-10s' },
    { timeout: {} },
    { timeout: '100h' },
  ]) {
    it(`${JSON.stringify(given)} is refused by its key`, () =>
      assert.throws(() => mappingSettings(given, keys), {
        code: 'bad-config',
        message: /indexer\.scanner\.repo\.x/,
      }));
  }
});
