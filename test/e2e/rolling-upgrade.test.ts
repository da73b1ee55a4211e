/**
 * A rolling upgrade: the release before this one and this one at the same time, on one database that this one has migrated.
 * The one before runs from the history of the repository, with the packages of today.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { connect, type Database } from '../../src/db/database.ts';
import { freePort } from '../conformance/service.ts';
import { ROOT } from '../imports.ts';
import { digestOf, makeTar } from './make-image.ts';
import { type Running, start } from './run-program.ts';
import { ALPINE, startWorld, type World, worldConfig } from './world.ts';

/** Their last commits. The migrations of 0.2.0 are those that `FIRST_RELEASE` of test/migrations.test.ts names. */
const BEFORE = {
  'the first snapshot, which has EPSS by rows': '0682e4d3ed62f4e735fe3fd5a1c072d46f88d672',
  '0.2.0': '3075d8c24abdea0e9e08ce02345815b5b3b5bdb3',
} as const;

const isThere = (commit: string): boolean =>
  spawnSync('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: ROOT }).status === 0;
const CVES = ['CVE-2099-0001', 'CVE-2099-0002', 'CVE-2099-0101'];
const API = { index: '/indexer/api/v1/index_report', report: '/matcher/api/v1/vulnerability_report' };

interface Replica extends Running {
  readonly name: string;
  readonly address: string;
}

type Report = {
  readonly package_vulnerabilities: Record<string, string[]>;
  readonly vulnerabilities: Record<string, { name: string; fixed_in_version: string }>;
  readonly enrichments: Record<string, readonly Record<string, readonly unknown[]>[]>;
};

for (const [release, commit] of Object.entries(BEFORE)) {
  const isMissing = !isThere(commit) && 'its commit is not there: this is no clone with all of the history';
  describe(`a rolling upgrade from ${release}`, { skip: isMissing }, () => upgradeFrom(commit));
}

function upgradeFrom(commit: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'clair-rolling-'));
  let world: World;
  let scores: string;
  before(async () => {
    const options = { cwd: ROOT, maxBuffer: 256 * 1024 * 1024 };
    const archive = execFileSync('git', ['archive', commit], options);
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    world = await startWorld();
    scoresOf('2099-01-01', '0.1');
    world.intercept = (path, response) => {
      if (path !== '/epss.csv.gz') return false;
      response.writeHead(200, { etag: `"${digestOf(Buffer.from(scores))}"` }).end(gzipSync(scores));
      return true;
    };
  });
  after(async () => {
    await world?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  function scoresOf(date: string, score: string): void {
    const lines = CVES.map((cve, index) => `${cve},${score}${index},0.5`);
    scores = `#model_version:v1,score_date:${date}T00:00:00Z\ncve,epss,percentile\n${lines.join('\n')}\n`;
  }

  async function replica(name: 'old' | 'new', dsn: string): Promise<Replica> {
    const port = await freePort();
    const connection = { connstring: dsn, migrations: true };
    const config = worldConfig(world, {
      http_listen_addr: `127.0.0.1:${port}`,
      introspection_addr: '',
      updaters: {
        sets: ['alpine', 'clair.epss'],
        config: {
          alpine: { url: `${world.address}/secdb/` },
          'clair.epss': { url: `${world.address}/epss.csv.gz` },
        },
      },
      indexer: connection,
      matcher: { ...connection, ...(name === 'new' && { enrichments: ['clair.epss'] }) },
      notifier: { ...connection, webhook: { target: `${world.address}/hook`, callback: 'http://x/' } },
    });
    const file = join(folder, `${name}.yaml`);
    writeFileSync(file, config);
    const running =
      name === 'new'
        ? start('clair', ['-conf', file])
        : start('clair', ['-conf', file], {}, folder, undefined, folder);
    await running.waitFor(/"msg":"feeds updated"/);
    return { ...running, name, address: `http://127.0.0.1:${port}` };
  }

  let images = 0;
  async function index({ address }: Replica): Promise<string> {
    const blob = gzipSync(makeTar({ ...ALPINE, [`etc/image-${++images}`]: 'x' }));
    const layer = digestOf(blob);
    world.blobs.set(layer, blob);
    const hash = digestOf(`manifest of ${layer}`);
    const layers = [{ hash: layer, uri: `${world.address}/blobs/${layer}` }];
    const answer = await fetch(address + API.index, {
      method: 'POST',
      body: JSON.stringify({ hash, layers }),
    });
    assert.equal(answer.status, 201, await answer.text());
    return hash;
  }

  async function report({ address, name }: Replica, hash: string): Promise<Report> {
    const answer = await fetch(`${address}${API.report}/${hash}`);
    assert.equal(answer.status, 200, `${name}: ${await answer.clone().text()}`);
    return (await answer.json()) as Report;
  }

  /** Has `at` ask its feeds; those that it takes for unchanged stay. */
  async function update(at: Replica): Promise<void> {
    const rounds = (): number => at.stderr().match(/"msg":"feeds updated"/g)?.length ?? 0;
    const before = rounds();
    await fetch(`${at.address}/matcher/api/v1/internal/feeds/update`, { method: 'POST' });
    for (let i = 0; rounds() === before && i < 600; i++) await sleep(50);
    assert.ok(rounds() > before, `${at.name} updates its feeds`);
  }

  /** What a reader of the report is told. */
  const told = ({ package_vulnerabilities, vulnerabilities, enrichments }: Report) => ({
    found: Object.values(package_vulnerabilities)
      .map((ids) => ids.map((id) => [vulnerabilities[id]?.name, vulnerabilities[id]?.fixed_in_version]))
      .sort(),
    enrichments: Object.values(enrichments).flatMap((each) =>
      each.flatMap((byId) => Object.values(byId).map((records) => records)),
    ),
  });

  async function holds(db: Database, replicas: readonly Replica[], hashes: readonly string[]): Promise<void> {
    for (const hash of hashes) {
      for (const each of replicas) {
        const { found, enrichments } = told(await report(each, hash));
        assert.deepEqual(found, [[['CVE-2099-0001', '1.1-r0']]], each.name);
        const records = enrichments.flat();
        // What has blocks is nothing to a release that knows none, until it loads its rows.
        const isRight = records.length === 1 || (each.name === 'old' && records.length === 0);
        assert.ok(isRight, `${each.name}: EPSS once: ${JSON.stringify(enrichments)}`);
      }
    }
    const doubled = await db.query({
      text: 'select feed, tag, count(*) from enrichment_record group by 1, 2 having count(*) > 1',
    });
    assert.deepEqual(doubled, [], 'nothing is known twice of a CVE');
    const rows = await db.query({
      text: `select count(*)::int as rows from advisory where until_run is null and name = 'teapot'`,
    });
    assert.deepEqual(rows, [{ rows: 2 }], 'advisories are there once');
  }

  it('leaves rows and reports right, whoever writes, and in which order', async () => {
    await using database = await testDatabase();
    await using db = await connect(database.dsn, { applicationName: 'rolling-upgrade', max: 2 });
    const hashes: string[] = [];
    await using old = await replica('old', database.dsn);
    hashes.push(await index(old));
    await using fresh = await replica('new', database.dsn);
    const both = [old, fresh];
    hashes.push(await index(old), await index(fresh));
    await holds(db, both.slice(1), hashes);

    for (const [day, order] of [
      ['2099-01-02', [old, fresh]],
      ['2099-01-03', [fresh, old]],
      ['2099-01-04', [old, old, fresh, fresh]],
    ] as const) {
      scoresOf(day, `0.${day.slice(-1)}`);
      for (const each of order) {
        await update(each);
        await holds(db, [fresh, each], hashes);
      }
      for (const each of both) hashes.push(await index(each));
    }

    // Each deletes what the other has indexed.
    for (const [at, hash] of [
      [old, hashes[2]!],
      [fresh, hashes[0]!],
    ] as const) {
      const gone = await fetch(`${at.address}${API.index}/${hash}`, { method: 'DELETE' });
      assert.equal(gone.status, 204);
      for (const each of both) {
        const answer = await fetch(`${each.address}${API.index}/${hash}`);
        assert.equal(answer.status, 404, each.name);
      }
    }
    for (const each of both) assert.doesNotMatch(each.stderr(), /"level":"(?:ERROR|FATAL)"/, each.name);
  });
}
