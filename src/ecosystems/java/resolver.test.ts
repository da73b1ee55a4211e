import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import type { LayerDetections } from '../../contract/coalesce.ts';
import type { ResolverContext } from '../../contract/resolver.ts';
import { makeZip } from '../../formats/archives/zip.fixture.ts';
import { asFile } from '../../formats/programs/programs.fixture.ts';
import type { HttpResponse } from '../../lib/http-response.ts';
import type { Digest } from '../../model/digest.ts';
import { javaArchives } from './detect-archives.ts';
import { archiveResolver } from './resolver.ts';

const KEY = `java:${javaArchives.revision}:package`;
const signal = new AbortController().signal;

function layerOf(...archives: [path: string, bytes: Buffer][]): LayerDetections {
  const found = archives.flatMap(([path, bytes]) => {
    const file = asFile(bytes, path);
    return [...javaArchives.inspect!(file, file)].map((item) => ({ ...item, detector: KEY }));
  });
  return { layer: `sha256:${'0'.repeat(64)}` as Digest, whiteouts: [], found };
}

const byName = (content = 'x'): Buffer => makeZip({ members: [{ name: 'a.class', content }] });
const byManifest = makeZip({
  members: [
    {
      name: 'META-INF/MANIFEST.MF',
      content: 'Manifest-Version: 1.0\nImplementation-Title: lab\nImplementation-Version: 7\n',
    },
  ],
});
const byProperties = makeZip({
  members: [{ name: 'META-INF/pom.properties', content: 'groupId=g\nartifactId=a\nversion=1\n' }],
});
const sha1 = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex');

function world(
  answer: (hash: string) => { status: number; body: string },
  more: { config?: unknown; airgap?: boolean; now?: () => Date } = {},
): { context: ResolverContext; asked: string[] } {
  const asked: string[] = [];
  const context: ResolverContext = {
    config: (kind, detector) => (kind === 'package' && detector === 'java' ? more.config : undefined),
    airgap: more.airgap ?? false,
    now: more.now ?? (() => new Date(0)),
    warn: () => undefined,
    async request(url) {
      asked.push(url);
      const { status, body } = answer(/1%3A([0-9a-f]{40})/.exec(url)?.[1] ?? '');
      return {
        status,
        url,
        header: () => '',
        body: Readable.from([body]),
        discard: async () => undefined,
        text: async () => body,
      } satisfies HttpResponse;
    },
  };
  return { context, asked };
}

const documents = (...docs: object[]) => ({ status: 200, body: JSON.stringify({ response: { docs } }) });
const lines = (layers: readonly LayerDetections[]): string[] =>
  layers.flatMap(({ found }) =>
    found.flatMap((item) => {
      if (item.found === 'problem') return [`! ${item.reason}`];
      return item.found === 'package'
        ? [`${item.package.name}@${item.package.version} ${item.package.database}`]
        : [];
    }),
  );

describe('names of archives by their SHA-1', () => {
  it('are asked for where properties do not tell them, each once, and kept', async () => {
    const guessed = byName();
    const { context, asked } = world((hash) =>
      hash === sha1(guessed)
        ? documents({ id: 'z:z:1', g: 'z', a: 'z', v: '1' }, { id: 'a:b:2', g: 'a', a: 'b', v: '2' })
        : documents(),
    );
    const resolve = archiveResolver(context);
    const layers = [
      layerOf(['x-1.0.jar', guessed], ['y.jar', byManifest], ['z.jar', byProperties]),
      layerOf(['copy-1.0.jar', guessed]),
    ];
    const want = [
      'a:b@2 maven:x-1.0.jar',
      'lab@7 jar:y.jar',
      'g:a@1 maven:z.jar',
      'a:b@2 maven:copy-1.0.jar',
    ];
    assert.deepEqual(lines(await resolve(layers, signal)), want);
    assert.deepEqual(
      asked.map((url) => new URL(url).searchParams.get('q')).sort(),
      [`1:${sha1(guessed)}`, `1:${sha1(byManifest)}`].sort(),
    );
    assert.match(
      asked[0]!,
      /^https:\/\/central\.sonatype\.com\/solrsearch\/select\?q=1%3A[0-9a-f]{40}&wt=json$/,
    );
    assert.deepEqual(lines(await resolve(layers, signal)), want);
    assert.equal(asked.length, 2);
  });

  const layers = [layerOf(['x-1.0.jar', byName()])];
  for (const [what, answer] of [
    ['an error', { status: 500, body: '' }],
    ['no JSON', { status: 200, body: '<html>' }],
    ['another JSON', { status: 200, body: '{"response":{}}' }],
  ] as const) {
    it(`stay guesses, and are told as such, where the answer is ${what}`, async () => {
      const [first, problem] = lines(await archiveResolver(world(() => answer).context)(layers, signal));
      assert.equal(first, 'x@1.0 file:x-1.0.jar');
      assert.match(problem ?? '', /^! the names of an archive are guesses: https:.* disable_api/);
    });
  }

  it('are not asked for any more for a while once nobody answers', async () => {
    let now = 0;
    const { context, asked } = world(() => ({ status: 503, body: '' }), { now: () => new Date(now) });
    const resolve = archiveResolver(context);
    const many = [
      layerOf(...Array.from({ length: 50 }, (_, at): [string, Buffer] => [`x-${at}.jar`, byName(`${at}`)])),
    ];
    assert.match(
      lines(await resolve(many, signal)).at(-1)!,
      /the names of 50 archives are guesses.*status 503/,
    );
    const before = asked.length;
    assert.ok(before < 10);
    assert.match(lines(await resolve(many, signal)).at(-1)!, /did not answer a while ago/);
    assert.equal(asked.length, before);
    now = 6 * 60_000;
    await resolve(many, signal);
    assert.ok(asked.length > before);
  });

  for (const [what, more] of [
    ['if it is switched off', { config: { disable_api: true } }],
    ['in an air gap', { airgap: true }],
  ] as const) {
    it(`are not asked for ${what}`, async () => {
      const { context, asked } = world(() => documents(), more);
      assert.deepEqual(lines(await archiveResolver(context)(layers, signal)), ['x@1.0 file:x-1.0.jar']);
      assert.deepEqual(asked, []);
    });
  }

  it('are asked for where the operator says', async () => {
    const config = { api: 'https://mirror.example/find?x=1', api_request_timeout: 3e9 };
    const { context, asked } = world(() => documents(), { config });
    await archiveResolver(context)(layers, signal);
    assert.match(asked[0]!, /^https:\/\/mirror\.example\/find\?x=1&q=1%3A/);
  });

  for (const config of ['x', { disable_api: 'yes' }, { api: 'ftp://x' }, { api_request_timeout: -1 }]) {
    it(`refuses the configuration ${JSON.stringify(config)}`, () => {
      assert.throws(() => archiveResolver(world(() => documents(), { config }).context), {
        code: 'bad-config',
      });
    });
  }
});
