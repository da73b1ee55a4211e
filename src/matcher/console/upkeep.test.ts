import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { shownRisk } from '../../model/risk.ts';
import { SEVERITIES } from '../../model/severity.ts';
import { advisory, text, toyEnricher } from '../matcher.fixture.ts';
import type { VulnerabilityReportWire } from '../report/report-wire.ts';
import { digestOf, ToyConsole } from './console.fixture.ts';
import { followRuns } from './follow-feeds.ts';
import { loadState } from './store/state.ts';

const OPENSSL = advisory('openssl', 'CVE-2026-1', {
  below: '2',
  vulnerability: text('CVE-2026-1', { normalizedSeverity: 'Critical', aliases: ['GHSA-aaaa-bbbb-cccc'] }),
});
const CURL = advisory('curl', 'CVE-2026-2', { below: '9' });
const UNFIXED = advisory('curl', 'CVE-2026-3', {
  vulnerability: text('CVE-2026-3', { normalizedSeverity: 'Low' }),
});

interface ImageRow {
  digest: string;
  critical: number;
  high: number;
  low: number;
  cves: number;
  fixable: number;
  coverage: string;
  risk: number | null;
  newest: boolean;
}

describe('the upkeep of the console', () => {
  let toy: ToyConsole;
  before(async () => {
    toy = await ToyConsole.open([OPENSSL, CURL, UNFIXED], [toyEnricher('clair.epss', { records: [] })]);
  });
  after(() => toy[Symbol.asyncDispose]());

  const images = () =>
    toy.db.query<ImageRow>({
      text: `select digest, critical, high, low, cves, fixable, coverage, risk, newest from console_image order by digest`,
    });
  const cves = () =>
    toy.db.query<Record<string, unknown>>({
      text: `select name, images, images_all, findings, fixable, weight from console_cve where images_all > 0 order by name`,
    });

  it('has of each image what its report has', async () => {
    toy.index(1, {
      packages: [
        { name: 'openssl', version: '1' },
        { name: 'curl', version: '8' },
      ],
      names: ['r.example.com/a:1'],
    });
    toy.index(2, { packages: [{ name: 'curl', version: '9.1' }], names: ['r.example.com/b:1'] });
    toy.index(3, { packages: [{ name: 'zlib', version: '1' }] });
    await toy.keepUp();
    const rows = await images();
    for (const row of rows) {
      const { body } = (await toy.matcher.vulnerabilityReport(row.digest as never))!;
      const { findings, incomplete } = JSON.parse(String(body)) as VulnerabilityReportWire;
      const count = (severity: string) => findings.filter((each) => each.severity === severity).length;
      assert.deepEqual(
        [row.critical, row.high, row.low, row.fixable],
        [count('Critical'), count('High'), count('Low'), findings.filter((each) => each.fixed_in).length],
      );
      assert.equal(row.coverage === 'complete', incomplete.length === 0);
    }
    assert.deepEqual(
      rows.map(({ cves }) => cves),
      [3, 1, 0],
    );
    assert.equal(rows[2]!.risk, 0);
  });

  it('counts each vulnerability over all images', async () => {
    assert.deepEqual(
      (await cves()).map(({ name, images, findings, fixable }) => [name, images, findings, fixable]),
      [
        ['CVE-2026-1', 1, 1, 1],
        ['CVE-2026-2', 1, 1, 1],
        ['CVE-2026-3', 2, 2, 0],
      ],
    );
  });

  it('looks up anew what a feed changes, and says what came and went', async () => {
    toy.now = new Date('2026-11-30T13:00:00Z');
    await toy.updateFeeds([OPENSSL, UNFIXED, advisory('zlib', 'CVE-2026-4', { below: '2' })]);
    await toy.keepUp();
    const rows = await images();
    assert.deepEqual(
      rows.map(({ cves }) => cves),
      [2, 1, 1],
    );
    const changes = await toy.db.query({
      text: `select i.digest, c.new, c.gone from console_change c join console_image i on i.id = c.image
        where c.cause = 'feed' order by i.digest`,
    });
    assert.deepEqual(changes, [
      { digest: digestOf(1), new: 0, gone: 1 },
      { digest: digestOf(3), new: 1, gone: 0 },
    ]);
  });

  it('keeps what waits to be indexed, for whichever replica is asked', async () => {
    toy.queue = { waiting: 3, oldest: '2026-11-30T11:59:00.000Z' };
    await toy.keepUp();
    assert.deepEqual((await loadState(toy.db)).queue, toy.queue);
    const { revision } = await loadState(toy.db);
    await toy.keepUp();
    assert.equal((await loadState(toy.db)).revision, revision, 'nothing is written while nothing changes');
  });

  it('looks up everything anew after a bundle was loaded, whose runs are other runs', async () => {
    const due = async () =>
      (await toy.db.query({ text: 'select from console_image where due is not null' })).length;
    assert.equal(await followRuns(toy.db, toy.now), 0);
    await toy.db.query({
      text: 'insert into loaded_bundle (id) values ($1) on conflict (single) do update set id = excluded.id',
      values: ['9b2e3a52-94a4-4a70-8f0e-5d6a4c4a6d11'],
    });
    assert.ok((await followRuns(toy.db, toy.now)) > 0);
    assert.ok((await due()) > 0);
    await toy.keepUp();
    assert.equal(await due(), 0);
  });

  it('counts only the newest of a name, and all of them beside', async () => {
    toy.now = new Date('2026-11-30T14:00:00Z');
    toy.index(4, { packages: [{ name: 'openssl', version: '1' }], names: ['r.example.com/a:2'] });
    await toy.keepUp();
    assert.deepEqual(
      (await images()).map(({ newest }) => newest),
      [false, true, true, true],
    );
    assert.deepEqual(
      (await cves()).map(({ name, images, images_all }) => [name, images, images_all]),
      [
        ['CVE-2026-1', 1, 2],
        ['CVE-2026-3', 1, 2],
        ['CVE-2026-4', 1, 1],
      ],
    );
  });

  it('forgets what is deleted, and counts the one before it again', async () => {
    toy.delete(4);
    await toy.keepUp();
    assert.deepEqual(
      (await images()).map(({ digest, newest }) => [digest, newest]),
      [1, 2, 3].map((n) => [digestOf(n), true]),
    );
    assert.deepEqual(
      (await cves()).map(({ images, images_all }) => [images, images_all]),
      [
        [1, 1],
        [2, 2],
        [1, 1],
      ],
    );
  });

  it('shows an image that cannot be read as unchecked, and never as a clean one', async () => {
    toy.index(5, { packages: [], failed: 'layer is no archive' });
    await toy.keepUp();
    const [row] = (await images()).slice(-1);
    assert.deepEqual([row!.coverage, row!.risk], ['unchecked', null]);
  });

  it('adds up the same as one count of everything', async () => {
    const [sums] = await toy.db.query<{ cves: number; images: number; units: number }>({
      text: `select (select sum(risk) from console_cve)::float8 as cves, (select sum(risk) from console_package)::float8 as units,
        (select sum(risk) from console_image where newest)::float8 as images`,
    });
    assert.equal(shownRisk(sums!.cves), shownRisk(sums!.images));
    assert.equal(shownRisk(sums!.units), shownRisk(sums!.images));
    const counted = await toy.db.query({
      text: `
        select p.name, v.version, v.images, v.images_all from console_version v join console_package p on p.id = v.package
        union all select name, null, images, images_all from console_package where images_all > 0 order by 1, 2`,
    });
    const wanted = await toy.db.query({
      text: `
        select p.name, m.version, (count(distinct i.id) filter (where i.newest))::int as images,
          count(distinct i.id)::int as images_all
        from console_image i join console_content c on c.image = i.id cross join lateral unnest(c.components) as own (id)
        join console_component m on m.id = own.id join console_package p on p.id = m.package
        group by grouping sets ((p.name), (p.name, m.version)) order by 1, 2`,
    });
    assert.ok(wanted.length > 4);
    assert.deepEqual(counted, wanted);
  });
});

describe('the severity of a vulnerability over all images', () => {
  const rated = (normalizedSeverity: 'Critical' | 'High' | 'Low') =>
    advisory('openssl', 'CVE-2026-1', {
      below: '2',
      vulnerability: text('CVE-2026-1', { normalizedSeverity }),
    });
  const other = advisory('libressl', 'CVE-2026-1', {
    vulnerability: text('CVE-2026-1', { normalizedSeverity: 'High' }),
  });

  it('rises and falls with what feeds say of the packages that images have', async () => {
    await using toy = await ToyConsole.open([rated('Critical'), other]);
    const severity = async (): Promise<string | undefined> => {
      const [row] = await toy.db.query<{ severity: number }>({
        text: `select severity from console_cve where name = 'CVE-2026-1'`,
      });
      return SEVERITIES[row!.severity];
    };
    toy.index(1, { packages: [{ name: 'openssl', version: '1' }] });
    toy.index(2, { packages: [{ name: 'openssl', version: '1.5' }] });
    await toy.keepUp();
    assert.equal(await severity(), 'Critical');
    await toy.updateFeeds([rated('Low'), other]);
    await toy.keepUp();
    assert.equal(await severity(), 'Low');
    toy.index(3, { packages: [{ name: 'libressl', version: '1' }] });
    await toy.keepUp();
    assert.equal(await severity(), 'High', 'of another package');
    toy.delete(3);
    await toy.keepUp();
    assert.equal(await severity(), 'Low');
    await toy.updateFeeds([rated('Critical'), other]);
    await toy.keepUp();
    assert.equal(await severity(), 'Critical');
  });
});
