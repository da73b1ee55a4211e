/**
 * Three services as a Prometheus sees them: every panel of the dashboard has something to show, and every alert can be told.
 * With `CLAIR_TEST_JAEGER`, a Jaeger of version 2, their traces as well. Not part of `npm test`: deploy/test/run.sh runs it.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { connect } from '../../src/db/database.ts';
import { canBalance, type Deployment, deploy, until } from '../e2e/deployment.ts';
import { digestOf, makeTar } from '../e2e/make-image.ts';
import { startPostgres } from '../e2e/postgres.ts';
import { ALPINE, nextDay, startWorld, type World } from '../e2e/world.ts';
import { ROOT } from '../imports.ts';
import { type Jaeger, startJaeger } from './jaeger.ts';
import { hasPrometheus, type Prometheus, startPrometheus } from './prometheus.ts';

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** What has nothing to show while all is well: feeds that fail; callers' keys, where no key server is asked. */
const MAY_BE_EMPTY = /> 0$|clair_auth_keyserver/;

const MANIFEST = digestOf('manifest');
const JAEGER = process.env.CLAIR_TEST_JAEGER;

describe('services that are watched', {
  skip: (!hasPrometheus && 'needs prometheus') || (!canBalance && 'needs haproxy'),
  timeout: 300_000,
}, () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-observed-'));
  let world: World;
  let clair: Deployment;
  let prometheus: Prometheus;
  let jaeger: Jaeger | undefined;
  /** Ids that the webhook got. */
  const told: string[] = [];

  before(async () => {
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    const hook = createServer(async (request, response) => {
      told.push(((await json(request)) as { notification_id: string }).notification_id);
      response.end();
    }).listen(0, '127.0.0.1');
    await once(hook, 'listening');
    open.defer(() => void hook.close());
    const webhook = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
    world = open.use(await startWorld());
    const postgres = open.use(await startPostgres());
    {
      await using db = await connect(postgres.dsn('postgres'), { applicationName: 'test', max: 1 });
      for (const name of ['indexer', 'matcher', 'notifier'])
        await db.query({ text: `create database ${name}` });
    }
    if (JAEGER) jaeger = open.use(startJaeger(JAEGER, `127.1.${process.pid >> 8}.${process.pid & 255}`));
    clair = open.use(
      await deploy({ world, dsn: postgres.dsn, auth: {}, replicas: 1, webhook, more: tracesOf }),
    );
    prometheus = open.use(
      await startPrometheus(
        folder,
        clair.replicas.map(({ introspection }) => new URL(introspection).host),
      ),
    );
    const said = (pattern: RegExp) => () => clair.replicas.some(({ log }) => pattern.test(log()));
    await until('the feeds are loaded', said(/"updated":[1-9]/));
    const notifier = clair.replicas.find(({ mode }) => mode === 'notifier')!;
    const lookForNews = async (): Promise<void> => {
      await notifier.kill();
      await notifier.restart();
    };
    const blob = gzipSync(makeTar(ALPINE));
    const hash = digestOf(blob);
    world.blobs.set(hash, blob);
    const manifest = {
      hash: MANIFEST,
      layers: [{ hash, uri: `${world.address}/blobs/${hash}` }],
    };
    // Tried again: the load balancer may not have seen yet that they are ready.
    const expect = (status: number, path: string, init: RequestInit = {}): Promise<void> =>
      until(path, async () => (await fetch(clair.address + path, init)).status === status);
    const body = JSON.stringify(manifest);
    await expect(201, '/indexer/api/v1/index_report', { method: 'POST', body });
    await expect(200, `/matcher/api/v1/vulnerability_report/${MANIFEST}`);
    await expect(400, '/indexer/api/v1/index_report/x');
    await lookForNews(); // what is there is none
    nextDay(world);
    await expect(202, '/matcher/api/v1/internal/feeds/update', { method: 'POST' });
    await until('there is news', said(/"added":1,"removed":2/));
    await lookForNews();
    await until('somebody was notified', () => told.length > 0);
  });
  after(() => open.disposeAsync());

  /** The indexer's go over HTTP, the others' over gRPC. */
  function tracesOf(mode: string): object {
    if (jaeger === undefined) return {};
    const by = mode === 'indexer' ? 'http' : 'grpc';
    const otlp = { [by]: { endpoint: jaeger[by], insecure: true } };
    return { trace: { name: 'otlp', probability: 1, otlp } };
  }

  it('are all asked', async () => {
    await until('all are up', async () => {
      const up = await prometheus.query('up');
      return up.length === 3 && up.every(({ value }) => value[1] === '1');
    });
  });

  it('have something to show on every panel of the dashboard', async () => {
    const { panels } = JSON.parse(
      readFileSync(join(ROOT, 'deploy/helm/clair/files/dashboard.json'), 'utf8'),
    ) as { panels: readonly Panel[] };
    const expressions = panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({
        title,
        expression: expr.replace('$job', '.*').replace('$__rate_interval', '1m'),
      })),
    );
    assert.ok(expressions.length > 20);
    for (const { title, expression } of expressions) {
      if (MAY_BE_EMPTY.test(expression)) await prometheus.query(expression);
      else
        await until(`${title}: ${expression}`, async () => (await prometheus.query(expression)).length > 0);
    }
  });

  it('have alerts that can be told, and give no alarm', async () => {
    let rules: Awaited<ReturnType<Prometheus['rules']>> = [];
    await until('the rules are judged', async () => {
      rules = await prometheus.rules();
      return rules.length > 0 && rules.every(({ health }) => health !== 'unknown');
    });
    assert.deepEqual(
      rules.filter(({ health }) => health !== 'ok'),
      [],
    );
    const firing = await prometheus.query('ALERTS{alertstate="firing"}');
    assert.deepEqual(firing, []);
  });

  it('are one trace, whoever takes part', {
    skip: !JAEGER && 'CLAIR_TEST_JAEGER names no Jaeger',
  }, async () => {
    const trace = randomBytes(16).toString('hex');
    const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01` };
    // The indexer is asked by the matcher.
    for (const path of [
      `/matcher/api/v1/vulnerability_report/${MANIFEST}`,
      `/notifier/api/v1/notification/${told[0]}`,
    ])
      assert.equal((await fetch(clair.address + path, { headers })).status, 200, path);
    await until('their spans are there', async () => {
      const found = await jaeger!.trace(trace);
      const services = ['indexer', 'matcher', 'notifier'].map((mode) => found.get(`clairv4/${mode}`) ?? []);
      return services.every((names) => names.length > 1);
    });
  });
});
