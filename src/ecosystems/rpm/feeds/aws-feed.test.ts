import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { AppError } from '../../../errors.ts';
import { type CannedAnswer, type FakeUpstream, fakeUpstream } from '../../../feeds/upstream.fixture.ts';
import type { Advisory } from '../../../model/advisory.ts';
import { amazonRelease } from '../scopes/releases.ts';
import { awsFeeds } from './aws-feed.ts';
import { readUpdates } from './updates.ts';

const LIST = 'https://lists.test/2/mirror.list';
const [ONE, TWO] = ['https://one.test/2/a', 'https://two.test/2/b'];

const pkg = (attributes: Record<string, string>) =>
  `<package ${Object.entries(attributes)
    .map(([key, value]) => `${key}="${value}"`)
    .join(' ')}><filename>x.rpm</filename></package>`;
const BASH = { name: 'bash', epoch: '0', version: '5.1', release: '2.amzn2', arch: 'x86_64' };

const update = (id: string, severity: string, ...packages: Record<string, string>[]) =>
  `<update type="security"><id>${id}</id><issued date="2023-06-01 22:46"/><severity>${severity}</severity>
<description>One
 &amp; more.</description><references><reference href="https://x/1" id="CVE-2023-0001" type="cve"/>
<reference href="https://x/2" id="y" type="redhat"/></references>
<pkglist><collection short="c"><name>c</name>${packages.map(pkg).join('')}</collection></pkglist></update>`;
const document = (...updates: string[]) =>
  gzipSync(`<?xml version="1.0"?><updates>${updates.join('')}</updates>`);

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const repomd = (file: Buffer, href = 'repodata/updateinfo.xml.gz', type = 'sha256') =>
  `<repomd xmlns="r"><revision>1</revision><data type="primary"><checksum type="sha256">00</checksum></data>
<data type="updateinfo"><checksum type="${type}">${sha256(file)}</checksum><location href="${href}"/></data></repomd>`;

const FILE = document(update('ALAS2-1', 'important', BASH));

/** A repository at `base`. */
function repository(
  base: string,
  file: Buffer = FILE,
  description = repomd(file),
  place = 'repodata/updateinfo.xml.gz',
): Record<string, CannedAnswer | string | Buffer> {
  return { [`${base}/repodata/repomd.xml`]: description, [`${base}/${place}`]: file };
}

async function fetchFrom(upstream: FakeUpstream, config: unknown = { url: LIST }, fingerprint = '') {
  const feeds = await awsFeeds.feeds(undefined, upstream.context);
  const fetched = await feeds[1]!.fetch(fingerprint, config, upstream.context);
  if (fetched === 'unchanged') return fetched;
  const records = (await Readable.from(fetched.records).toArray()) as Advisory[];
  return { records, fingerprint: fetched.fingerprint };
}

describe('the feeds of Amazon Linux', () => {
  it('are one for each release', async () => {
    const feeds = await awsFeeds.feeds(undefined, fakeUpstream({}).context);
    assert.deepEqual(
      feeds.map(({ name, scopes }) => [name, scopes]),
      [
        ['aws-AL1-updater', [{ key: 'amzn:2018.03', distribution: amazonRelease('2018.03') }]],
        ['aws-AL2-updater', [{ key: 'amzn:2', distribution: amazonRelease('2') }]],
        ['aws-AL2023-updater', [{ key: 'amzn:2023', distribution: amazonRelease('2023') }]],
      ],
    );
  });

  it('give an advisory for each package of an update', async () => {
    const file = document(
      update(
        'ALAS2-1',
        'important',
        BASH,
        BASH,
        { ...BASH, epoch: '1', arch: 'noarch' },
        { ...BASH, name: 'no-arch', arch: '', epoch: '' },
        { ...BASH, name: 'no-version', version: '' },
      ),
      update('', 'low', BASH),
      update('ALAS2-2', 'unheard', { ...BASH, release: '3' }),
    );
    const upstream = fakeUpstream({ [LIST]: `${TWO}\n`, ...repository(TWO, file) });
    const fetched = await fetchFrom(upstream);
    assert.ok(fetched !== 'unchanged');
    assert.equal(fetched.fingerprint, sha256(file));
    const vulnerability = {
      name: 'ALAS2-1',
      description: 'One\n & more.',
      links: 'https://x/1 https://x/2',
      severity: 'important',
      normalizedSeverity: 'High',
      aliases: ['CVE-2023-0001'],
    };
    assert.deepEqual(fetched.records[0], {
      scope: 'amzn:2',
      name: 'bash',
      kind: 'binary',
      arches: ['x86_64'],
      below: '5.1-2.amzn2',
      fixedInVersion: '5.1-2.amzn2',
      vulnerability,
    });
    assert.deepEqual(
      fetched.records.map(({ name, arches, below, vulnerability: { normalizedSeverity } }) => [
        name,
        arches,
        below,
        normalizedSeverity,
      ]),
      [
        ['bash', ['x86_64'], '5.1-2.amzn2', 'High'],
        ['bash', ['noarch'], '1:5.1-2.amzn2', 'High'],
        ['no-arch', undefined, '5.1-2.amzn2', 'High'],
        ['bash', ['x86_64'], '5.1-3', 'Unknown'],
      ],
    );
    assert.deepEqual(
      upstream.problems.map(({ where }) => where),
      ['ALAS2-1', 'updateinfo.xml'],
    );
    assert.equal(await fetchFrom(upstream, { url: LIST }, sha256(file)), 'unchanged');
    assert.equal(upstream.open(), 0);
  });

  const wrong: [string, Record<string, CannedAnswer | string | Buffer | undefined>][] = [
    ['is not there', {}],
    ['does not answer', { [`${ONE}/repodata/repomd.xml`]: undefined }],
    ['has no XML', { [`${ONE}/repodata/repomd.xml`]: 'down' }],
    ['has no advisories', { [`${ONE}/repodata/repomd.xml`]: '<repomd><data type="primary"/></repomd>' }],
    ['does not have its file', { [`${ONE}/repodata/repomd.xml`]: repomd(FILE) }],
    ['has another file than it says', repository(ONE, document(), repomd(FILE))],
  ];
  for (const [what, table] of wrong) {
    it(`go on to the next mirror if one ${what}`, async () => {
      const upstream = fakeUpstream({ [LIST]: `# two\n${ONE}\r\n${TWO}/`, ...table, ...repository(TWO) });
      const fetched = await fetchFrom(upstream);
      assert.ok(fetched !== 'unchanged' && fetched.records.length === 1);
      const alone = fakeUpstream({ [LIST]: ONE, ...table });
      await assert.rejects(fetchFrom(alone), { code: 'feed' });
      assert.equal(upstream.open() + alone.open(), 0);
    });
  }

  it('take the file that repomd.xml names, or the usual one if that is packed otherwise', async () => {
    const place = 'repodata/abc-updateinfo.xml.gz';
    const named = fakeUpstream({ [LIST]: ONE, ...repository(ONE, FILE, repomd(FILE, place), place) });
    assert.notEqual(await fetchFrom(named), 'unchanged');
    const other = repomd(Buffer.from('other'), 'repodata/abc-updateinfo.xml.zck');
    const usual = fakeUpstream({ [LIST]: ONE, ...repository(ONE, FILE, other) });
    const fetched = await fetchFrom(usual);
    assert.ok(fetched !== 'unchanged' && fetched.records.length === 1);
    const unchecked = repomd(FILE, 'repodata/updateinfo.xml.gz', 'constructor');
    assert.notEqual(
      await fetchFrom(fakeUpstream({ [LIST]: ONE, ...repository(ONE, FILE, unchecked) })),
      'unchanged',
    );
  });

  it('ask copies of the mirrors, if there are', async () => {
    const upstream = fakeUpstream({ [LIST]: ONE, ...repository('http://copy.test/of/2/a') });
    const config = { url: LIST, mirror_url: 'http://copy.test/of/' };
    assert.notEqual(await fetchFrom(upstream, config), 'unchanged');
    const relative = fakeUpstream({ [LIST]: '../../a/', ...repository('https://lists.test/a') });
    assert.notEqual(await fetchFrom(relative), 'unchanged');
  });

  it('fail without a list, and on a wrong configuration', async () => {
    await assert.rejects(fetchFrom(fakeUpstream({})), { code: 'feed' });
    await assert.rejects(fetchFrom(fakeUpstream({ [LIST]: '\n# none\nftp://x/\n' })), { code: 'feed' });
    await assert.rejects(fetchFrom(fakeUpstream({}), { url: 'nowhere' }), { code: 'bad-config' });
  });

  it('fail on nonsense, and never in another way', async () => {
    const context = fakeUpstream({}).context;
    const path = await context.spool(Readable.from([]));
    const read = async (bytes: Buffer) => {
      await writeFile(path, bytes);
      for await (const _ of readUpdates(path, { feed: 'f', scope: 's', severities: new Map() }, context));
    };
    await assert.rejects(read(document()), { code: 'feed' });
    await assert.rejects(read(FILE.subarray(0, FILE.length / 2)), { code: 'feed' });
    const plain = Buffer.from(`<updates>${update('A', 'low', BASH)}</updates>`);
    await fc.assert(
      fc.asyncProperty(fc.nat(plain.length - 1), fc.uint8Array({ maxLength: 4 }), async (at, bytes) => {
        const mutated = Buffer.concat([plain.subarray(0, at), bytes, plain.subarray(at + 1)]);
        await read(mutated).catch((error: unknown) => {
          assert.ok(error instanceof AppError && error.code === 'feed');
        });
      }),
      { numRuns: 200 },
    );
  });
});
