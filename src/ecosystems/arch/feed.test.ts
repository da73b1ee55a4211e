import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeUpstream } from '../../feeds/upstream.fixture.ts';
import type { Advisory } from '../../model/advisory.ts';
import { archFeeds } from './feed.ts';

const URL = 'https://tracker.example/all.json';
const GROUP = {
  name: 'AVG-1',
  packages: ['lab', 'lib32-lab'],
  status: 'Fixed',
  severity: 'High',
  type: 'arbitrary code execution',
  affected: '1:1.0-1',
  fixed: '1:1.0-2',
  ticket: null,
  issues: ['CVE-2099-0001', 'CVE-2099-0002'],
  advisories: ['ASA-209901-1'],
};

async function load(groups: unknown, headers = {}) {
  const upstream = fakeUpstream({
    [URL]: { body: typeof groups === 'string' ? groups : JSON.stringify(groups), headers },
  });
  const [feed] = await archFeeds.feeds({ url: URL }, upstream.context);
  const fetched = await feed!.fetch('', undefined, upstream.context);
  assert.notEqual(fetched, 'unchanged');
  const records: Advisory[] = [];
  if (fetched !== 'unchanged') for await (const each of fetched.records) records.push(each);
  return { records, problems: upstream.problems, feed: feed!, upstream, fetched };
}

describe("Arch's security tracker", () => {
  it('says an advisory for each package and vulnerability of a group', async () => {
    const { records, problems } = await load([GROUP]);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      records.map(({ name, below, vulnerability }) => [name, below, vulnerability.name]),
      [
        ['lab', '1:1.0-2', 'CVE-2099-0001'],
        ['lib32-lab', '1:1.0-2', 'CVE-2099-0001'],
        ['lab', '1:1.0-2', 'CVE-2099-0002'],
        ['lib32-lab', '1:1.0-2', 'CVE-2099-0002'],
      ],
    );
    assert.deepEqual(records[0]?.vulnerability, {
      name: 'CVE-2099-0001',
      description: 'arbitrary code execution',
      links:
        'https://security.archlinux.org/CVE-2099-0001 https://security.archlinux.org/AVG-1 https://security.archlinux.org/ASA-209901-1',
      severity: 'High',
      normalizedSeverity: 'High',
    });
  });

  const bounds: [what: string, more: object, want: (string | undefined)[]][] = [
    ['vulnerable, no fix', { status: 'Vulnerable', fixed: null }, [undefined]],
    ['a fix that is being tested', { status: 'Testing' }, ['1:1.0-2']],
    ['nobody knows', { status: 'Unknown', fixed: null }, [undefined]],
    ['a status of tomorrow', { status: 'Maybe', fixed: '' }, [undefined]],
    ['fixed, by what is not told', { fixed: null }, [undefined]],
    ['not affected', { status: 'Not affected', fixed: null }, []],
  ];
  for (const [what, more, want] of bounds) {
    it(`bounds: ${what}`, async () => {
      const { records } = await load([{ ...GROUP, ...more, packages: ['lab'], issues: ['CVE-2099-0001'] }]);
      assert.deepEqual(
        records.map(({ below }) => below),
        want,
      );
    });
  }

  it('knows a group without vulnerabilities by its own name, and severities by their words', async () => {
    const { records } = await load([{ ...GROUP, issues: [], severity: 'Odd', packages: ['lab'] }]);
    assert.deepEqual(
      records.map(({ vulnerability: { name, severity, normalizedSeverity } }) => [
        name,
        severity,
        normalizedSeverity,
      ]),
      [['AVG-1', 'Odd', 'Unknown']],
    );
  });

  it('tells of what cannot be read, and keeps the rest', async () => {
    const { records, problems } = await load([{ name: 'AVG-0' }, 7, { ...GROUP, fixed: null }]);
    assert.equal(records.length, 4);
    assert.deepEqual(
      problems.map(({ where }) => where),
      ['0.packages', '1', 'AVG-1'],
    );
  });

  it('keeps out of texts what cannot be stored', async () => {
    const { records, problems } = await load([
      { ...GROUP, packages: ['a\0b'], issues: ['CVE-2099-0001\ud800'] },
      { ...GROUP, packages: ['\0'] },
    ]);
    assert.deepEqual(
      records.map(({ name, vulnerability }) => [name, vulnerability.name]),
      [['ab', 'CVE-2099-0001\ufffd']],
    );
    assert.deepEqual(problems, [{ where: '1.packages.0', reason: 'it is empty' }]);
  });

  it('asks for news only, and fails where the answer is no list', async () => {
    const { fetched, feed, upstream } = await load([GROUP], { etag: '"1"' });
    assert.ok(fetched !== 'unchanged' && fetched.fingerprint === '"1"');
    assert.equal(await feed.fetch('"1"', undefined, upstream.context), 'unchanged');
    await assert.rejects(load('<html>'), { code: 'feed' });
    await assert.rejects(archFeeds.feeds({ url: 'ftp://x/' }, upstream.context), { code: 'bad-config' });
  });
});
