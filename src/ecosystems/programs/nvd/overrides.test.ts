import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { AppError } from '../../../errors.ts';
import { fakeUpstream } from '../../../feeds/upstream.fixture.ts';
import { tarOf } from '../../../formats/archives/tar.fixture.ts';
import type { Advisory } from '../../../model/advisory.ts';
import { nvdFeeds } from './feed.ts';
import { advisoriesOfOverride, OVERRIDES_URL } from './overrides.ts';

const URL = 'https://mirror.example/overrides.tar.gz';

/** About bash below 5.3. */
function override(id = 'CVE-2031-0001', cve: object = {}, about: object = {}): object {
  return {
    _annotation: {
      cve_id: id,
      description: 'A flaw.',
      published: '2031-02-03T04:05:06.789000+00:00',
      reason: 'Added CPE configurations because not yet analyzed by NVD.',
      references: ['https://example.com/a'],
      ...about,
    },
    cve: {
      configurations: [
        {
          nodes: [
            {
              cpeMatch: [
                {
                  criteria: 'cpe:2.3:a:gnu:bash:*:*:*:*:*:*:*:*',
                  versionEndExcluding: '5.3',
                  vulnerable: true,
                },
              ],
              negate: false,
              operator: 'OR',
            },
          ],
        },
      ],
      references: [{ source: 'adp', url: 'https://example.com/b' }],
      ...cve,
    },
  };
}
const fileOf = (id: string): string => `data/${id.slice(4, 8)}/${id}.json`;
const read = (json: unknown): Advisory[] =>
  advisoriesOfOverride(json, 'data/2031/CVE-2031-0001.json', (reason) => assert.fail(reason));

describe('an override', () => {
  it('is an advisory that says whose ranges these are, and why', () => {
    const [advisory, ...others] = read(override());
    assert.deepEqual(others, []);
    const { name, below, vulnerability } = advisory!;
    assert.deepEqual([name, below, vulnerability.name], ['bash', '5.3', 'CVE-2031-0001']);
    assert.equal(
      vulnerability.description,
      'A flaw.\n\n[Affected versions by nvd-data-overrides, not by the NVD: Added CPE configurations because not yet analyzed by NVD.]',
    );
    assert.deepEqual(vulnerability.links.split(' '), [
      'https://nvd.nist.gov/vuln/detail/CVE-2031-0001',
      'https://github.com/anchore/nvd-data-overrides/blob/main/data/2031/CVE-2031-0001.json',
      'https://example.com/a',
      'https://example.com/b',
    ]);
    assert.equal(vulnerability.issued, '2031-02-03T04:05:06Z');
    assert.equal(vulnerability.normalizedSeverity, 'Unknown');
  });
  it('says so without a description and a reason', () =>
    assert.equal(
      read(override('CVE-2031-0001', {}, { description: undefined, reason: 5 }))[0]?.vulnerability
        .description,
      '[Affected versions by nvd-data-overrides, not by the NVD]',
    ));
  for (const json of [null, [], {}, override('GHSA-1'), override('CVE-2031-0001', { configurations: 'all' })])
    it(`is none: ${JSON.stringify(json).slice(0, 60)}`, () =>
      assert.throws(() => read(json), /no override|no record/));
  it('is read or refused, whatever its parts are', () =>
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('cve', '_annotation', 'configurations', 'cve_id'),
        (value, part) => {
          const json = override(
            'CVE-2031-0001',
            part === 'configurations' ? { configurations: value } : {},
            part === 'cve_id' ? { cve_id: value } : {},
          );
          const damaged = part === 'cve' || part === '_annotation' ? { ...json, [part]: value } : json;
          try {
            for (const { name } of advisoriesOfOverride(damaged, 'x', () => {})) assert.equal(name, 'bash');
          } catch (error) {
            assert.match((error as Error).message, /^no (?:override|record of the NVD): /);
          }
        },
      ),
    ));
});

describe('the feed nvd/overrides', () => {
  async function load(archive: Buffer | undefined) {
    const upstream = fakeUpstream({
      [URL]: archive === undefined ? undefined : { body: archive, headers: { etag: '"1"' } },
    });
    const feeds = await nvdFeeds.feeds({ overrides_url: URL }, upstream.context);
    const feed = feeds.find(({ name }) => name === 'nvd/overrides')!;
    const fetched = await feed.fetch('', undefined, upstream.context);
    assert.ok(fetched !== 'unchanged');
    const names: string[] = [];
    for await (const { vulnerability } of fetched.records) names.push(vulnerability.name);
    return { names, problems: upstream.problems.map(({ where }) => where), fetched, feed, upstream };
  }
  const packed = (files: Readonly<Record<string, unknown>>): Buffer =>
    gzipSync(
      tarOf(
        Object.entries(files).map(([path, json]) => [
          `overrides-main/${path}`,
          typeof json === 'string' ? json : JSON.stringify(json),
        ]),
      ),
    );

  it('reads the files of an archive that are about programs of the table', async () => {
    const other = override('CVE-2031-0002', { configurations: [] });
    const { names, problems, fetched, feed, upstream } = await load(
      packed({
        'README.md': 'cpe:2.3:a:gnu:bash',
        [fileOf('CVE-2031-0001')]: override(),
        [fileOf('CVE-2031-0002')]: other,
        [fileOf('CVE-2031-0003')]: '{"criteria": "cpe:2.3:a:gnu:bash", ',
        [fileOf('CVE-2031-0004')]: override('CVE-2031-0004'),
        '.snapshot/2031/CVE-2031-0005.json': override('CVE-2031-0005'),
      }),
    );
    assert.deepEqual(names, ['CVE-2031-0001', 'CVE-2031-0004']);
    assert.deepEqual(problems, ['data/2031/CVE-2031-0003.json']);
    assert.equal(await feed.fetch(fetched.fingerprint, undefined, upstream.context), 'unchanged');
  });
  it('fails for an archive without overrides, one that is cut, and one that is none', async () => {
    await assert.rejects(load(packed({ 'README.md': '' })), /has no overrides.*overrides_url/);
    const whole = tarOf([[fileOf('CVE-2031-0001'), JSON.stringify(override())]]);
    await assert.rejects(load(whole.subarray(0, 600)), AppError);
    await assert.rejects(load(Buffer.alloc(2048, 'x')), AppError);
  });

  for (const [what, config, want] of [
    ['by default', {}, OVERRIDES_URL],
    ['switched off', { overrides: false }, undefined],
    ['with a mirror of the NVD alone', { feed_root: 'https://mirror.example/' }, undefined],
    ['with both mirrors', { feed_root: 'https://mirror.example/', overrides_url: URL }, URL],
    ['switched off with an address', { overrides: false, overrides_url: URL }, undefined],
  ] as const)
    it(`${what} it is requested at ${want ?? 'no address'}`, async () => {
      const upstream = fakeUpstream({});
      const feed = (await nvdFeeds.feeds(config, upstream.context)).find(
        ({ name }) => name === 'nvd/overrides',
      );
      await assert.rejects(
        async () =>
          (await feed?.fetch('', undefined, upstream.context)) ?? Promise.reject(new Error('no feed')),
      );
      assert.deepEqual(upstream.requests, want === undefined ? [] : [`GET ${want}`]);
    });
});
