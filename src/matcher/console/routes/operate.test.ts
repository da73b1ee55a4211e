import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as images from '../../../model/api/console/images.ts';
import * as operations from '../../../model/api/console/operations.ts';
import type {
  Compared,
  ConsoleDeliveries,
  ConsoleFeedDetail,
  ConsoleFeeds,
} from '../../../model/api/console/types.ts';
import { advisory } from '../../matcher.fixture.ts';
import { createMatcher } from '../../matcher.ts';
import type { VulnerabilityReportWire } from '../../report/report-wire.ts';
import { digestOf, ToyConsole } from '../console.fixture.ts';
import { type Served, serveToy } from './serving.fixture.ts';

const OPENSSL = advisory('openssl', 'CVE-2026-1', { below: '2' });
const CURL = advisory('curl', 'CVE-2026-2', { below: '9' });

describe('the console for operators', () => {
  let toy: ToyConsole;
  let served: Served;
  const asked: unknown[] = [];
  before(async () => {
    toy = await ToyConsole.open([OPENSSL, CURL]);
    toy.index(1, {
      packages: [
        { name: 'openssl', version: '1' },
        { name: 'curl', version: '8' },
      ],
      names: ['r/a:1'],
    });
    toy.index(2, {
      packages: [
        { name: 'openssl', version: '3' },
        { name: 'zlib', version: '1' },
      ],
      names: ['r/a:2'],
    });
    await toy.keepUp();
    toy.now = new Date('2026-12-01T12:00:00Z');
    await toy.updateFeeds([OPENSSL, CURL, advisory('zlib', 'CVE-2026-3')]);
    await toy.keepUp();
    served = await serveToy(toy, {
      operator: {
        isUpdating: () => false,
        update: async (only) => void asked.push(only),
        notifier: () => ({
          deliveries: async ({ state, next, size }) => {
            asked.push({ state, next, size });
            return [{ id: '9' }, { id: '8' }, { id: '7' }].slice(0, size);
          },
          status: async () => [{ transport: 'webhook' }],
          redeliver: async (id) => id === '9',
        }),
      },
      exportReport: async (digest, format) => ({
        body: `${digest} ${format}`,
        type: 'text/plain',
        extension: 'txt',
      }),
    });
  });
  after(async () => {
    await served[Symbol.asyncDispose]();
    await toy[Symbol.asyncDispose]();
  });
  const post = (path: string, body?: object) =>
    served.ask(path, {
      method: 'POST',
      headers: { 'clair-console': '1' },
      ...(body && { body: JSON.stringify(body) }),
    });

  it('compares two images, and says why', async () => {
    const path = `compare?base=${digestOf(1)}&head=${digestOf(2)}`;
    const compared: Compared = images.Compared.parse(await served.get(path)) as Compared;
    assert.deepEqual([compared.new, compared.gone, compared.same], [1, 2, 0]);
    assert.deepEqual(compared.why.map(({ kind, package: name, from, to }) => [kind, name, from, to]).sort(), [
      ['added', 'zlib', null, '1'],
      ['removed', 'curl', '8', null],
      ['upgraded', 'openssl', '1', '3'],
    ]);
    const only: Compared = await served.get(`${path}&change=new`);
    assert.deepEqual(
      only.findings.map(({ id, change }) => [id, change]),
      [['CVE-2026-3', 'new']],
    );
  });

  it('lists the packages that differ, with findings or without', async () => {
    const path = `compare/packages?base=${digestOf(1)}&head=${digestOf(2)}`;
    const { total, packages } = images.ComparedPackages.parse(await served.get(path));
    const compared: Compared = await served.get(`compare?base=${digestOf(1)}&head=${digestOf(2)}`);
    assert.deepEqual([total, compared.packages], [packages.length, packages.length]);
    assert.deepEqual(
      packages.map(({ kind, package: name, from, to }) => [kind, name, from, to]),
      [
        ['removed', 'curl', '8', null],
        ['upgraded', 'openssl', '1', '3'],
        ['added', 'zlib', null, '1'],
      ],
    );
    const page: typeof images.ComparedPackages._output = await served.get(`${path}&q=SSL&limit=1`);
    assert.deepEqual([page.total, page.packages[0]?.package], [1, 'openssl']);
    assert.equal((await served.ask(`compare/packages?base=${digestOf(1)}&head=${digestOf(77)}`)).status, 404);
  });

  it('compares one image at two dates', async () => {
    const compared: Compared = await served.get(
      `compare?base=${digestOf(2)}&head=${digestOf(2)}&base_at=2026-11-30T13:00:00Z`,
    );
    assert.deepEqual([compared.new, compared.gone, compared.same], [1, 0, 0]);
    assert.deepEqual(
      compared.why.map(({ kind }) => kind),
      ['newly_known'],
    );
  });

  it('shows feeds with their history, and the images that rely on them', async () => {
    const list: ConsoleFeeds = operations.ConsoleFeeds.parse(await served.get('feeds?q=toy')) as ConsoleFeeds;
    assert.deepEqual(
      list.feeds.map(({ name, state, images: count, recent }) => [name, state, count, recent]),
      [['toy/1', 'current', 1, [false, false]]],
    );
    const one = operations.ConsoleFeedDetail.parse(await served.get('feed?name=toy/1')) as ConsoleFeedDetail;
    assert.deepEqual(
      one.runs.map(({ added, removed }) => [added, removed]),
      [
        [1, 0],
        [2, 0],
      ],
    );
    assert.deepEqual(
      one.tries.map(({ outcome }) => outcome),
      ['changed', 'changed'],
    );
    assert.equal((await served.ask('feed?name=nothing')).status, 404);
  });

  it('updates feeds and repeats deliveries for operators only', async () => {
    assert.equal((await post('feeds/update', { sets: ['toy'] })).status, 202);
    assert.deepEqual(asked.pop(), { sets: ['toy'] });
    assert.equal((await post('feeds/update')).status, 202);
    assert.equal((await post('notifications/9/redeliver')).status, 202);
    assert.equal((await post('notifications/8/redeliver')).status, 404);
    served.caller = { user: 'ana', roles: ['view', 'triage'], auth: 'proxy' };
    assert.equal((await post('feeds/update')).status, 403);
    assert.equal((await post('notifications/9/redeliver')).status, 403);
    served.caller = { user: 'op', roles: ['view', 'operate'], auth: 'proxy' };
  });

  it('pages deliveries', async () => {
    const first = operations.ConsoleDeliveries.parse(
      await served.get('notifications?state=dead&limit=2'),
    ) as ConsoleDeliveries;
    assert.deepEqual(asked.pop(), { state: 'dead', next: undefined, size: 3 });
    await served.get(`notifications?limit=2&after=${first.next}`);
    assert.deepEqual(asked.pop(), { state: undefined, next: '8', size: 3 });
  });

  it('gives a report as a file', async () => {
    const response = await served.ask(`images/${digestOf(1)}/export?format=csv`);
    assert.equal(await response.text(), `${digestOf(1)} csv`);
    assert.match(String(response.headers.get('content-disposition')), /^attachment/);
  });

  it('changes reports only where that is wanted, and tells from the next request on', async () => {
    const apply = createMatcher({
      ...{ db: toy.db, ecosystems: toy.parts.ecosystems, enrichers: [], now: () => toy.now, triage: 'apply' },
      indexer: { indexReport: async (digest) => await reportOf(digest) },
    });
    async function reportOf(digest: string): Promise<string> {
      const matched = await toy.matcher.inspect(digest as never);
      return JSON.stringify(matched!.wire);
    }
    const found = async (matcher: typeof apply) => {
      const { body } = (await matcher.vulnerabilityReport(digestOf(1)))!;
      const { findings, package_vulnerabilities } = JSON.parse(String(body)) as VulnerabilityReportWire;
      return [findings.length, Object.keys(package_vulnerabilities).length];
    };
    assert.deepEqual(await found(apply), [2, 2]);
    served.caller = { user: 'ana', roles: ['view', 'triage'], auth: 'proxy' };
    const decision = { cve: 'CVE-2026-2', status: 'accepted', until: '2026-12-31', reason: 'later' };
    // A package of the same name that is of another type is another package.
    const namesake = { ...decision, package: { type: 'npm', source: 'curl' } };
    assert.equal((await post('decisions', namesake)).status, 201);
    assert.deepEqual(await found(apply), [2, 2]);
    const own = { ...decision, package: { type: 'unknown', source: 'curl' } };
    assert.equal((await post('decisions', own)).status, 201);
    assert.deepEqual(await found(apply), [1, 1]);
    assert.deepEqual(await found(toy.matcher), [2, 2]);
  });
});
