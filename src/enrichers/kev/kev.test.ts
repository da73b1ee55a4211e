import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeUpstream } from '../../feeds/upstream.fixture.ts';
import { load, records } from '../enrichers.fixture.ts';
import { kev } from './feed.ts';

describe('clair.kev', () => {
  const url = 'https://kev.example/kev.json';
  const config = { feed_root: url };
  const entry = {
    cveID: 'CVE-2020-0001',
    vendorProject: 'Vendor',
    product: 'Product',
    vulnerabilityName: 'Hole',
    dateAdded: '2021-01-01',
    shortDescription: 'There is a hole.',
    requiredAction: 'Close it.',
    dueDate: '2021-02-01',
    knownRansomwareCampaignUse: 'Known',
    cwes: [],
  };
  const from = (vulnerabilities: unknown) =>
    fakeUpstream({
      [url]: {
        headers: { 'last-modified': 'today' },
        body: JSON.stringify({ catalogVersion: '2021.01.01', vulnerabilities }),
      },
    });

  it('gives a record for each entry', async () => {
    assert.deepEqual(await load(kev, from([entry]), config), {
      fingerprint: 'today',
      prefixes: undefined,
      records: [
        {
          tag: 'CVE-2020-0001',
          data: {
            cve: 'CVE-2020-0001',
            vulnerability_name: 'Hole',
            catalog_version: '2021.01.01',
            date_added: '2021-01-01',
            short_description: 'There is a hole.',
            required_action: 'Close it.',
            due_date: '2021-02-01',
            known_ransomware_campaign_use: 'Known',
          },
        },
      ],
    });
  });

  it('takes its URL from either key', async () => {
    assert.equal((await records(kev, from([entry]), { feed: url })).length, 1);
    await assert.rejects(load(kev, from([]), { feed: 'x' }), {
      code: 'bad-config',
      message: /clair\.kev\.feed/,
    });
  });

  it('is unchanged where the server says so', async () => {
    assert.equal(await load(kev, from([entry]), config, 'today'), 'unchanged');
  });

  it('keeps the other entries if one cannot be read', async () => {
    const upstream = from([entry, null, { ...entry, cveID: 'x' }, { cveID: 'CVE-2020-0002' }]);
    assert.deepEqual(
      (await records(kev, upstream, config)).map(({ tag }) => tag),
      ['CVE-2020-0001', 'CVE-2020-0002'],
    );
    assert.deepEqual(
      upstream.problems.map(({ where }) => where),
      ['vulnerabilities.1', 'vulnerabilities.2.cveID'],
    );
  });

  for (const answer of ['<html>', '[]', '{"vulnerabilities":[]}', { status: 500 }]) {
    it(`refuses ${JSON.stringify(answer)}`, async () => {
      await assert.rejects(load(kev, fakeUpstream({ [url]: answer }), config), { code: 'feed' });
    });
  }
});
