import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { Database } from '../../db/database.ts';
import { createServer } from '../../http/server.ts';
import { noLog } from '../../lib/log.ts';
import type { Notification } from '../../transports/notification.ts';
import { notifierDatabase, notifierOf, recorder, run, type World } from '../notifier.fixture.ts';
import type { Notifier } from '../notifier.ts';
import { deliveryRoutes } from './deliveries.ts';
import { notificationRoutes } from './notification.ts';

const { signal } = new AbortController();
const stack = new AsyncDisposableStack();
const target = recorder(({ notificationId }) => {
  if (isDown) throw new Error(`refused ${notificationId}`);
});
let isDown = false;
let app: FastifyInstance;
let db: Database;
let notifier: Notifier;
let set: string;

before(async () => {
  db = stack.use(await notifierDatabase());
  const manifests = Array.from({ length: 7 }, (_, n) => `sha256:${String(n).repeat(64)}`);
  const w: World = {
    affected: { A: manifests, B: ['m'] },
    states: { u: [{ run: run(1, 0), names: { B: 'Low' } }] },
  };
  notifier = notifierOf(db, w, { transports: [target], settings: { deliveryAttempts: 1 } });
  await notifier.poll(signal);
  w.states.u!.push({ run: run(1, 1), names: { A: 'Critical' } });
  await notifier.poll(signal);
  await notifier.deliver('webhook', signal);
  set = target.got[0]!.delivery.notificationId;
  app = createServer({ log: noLog });
  notificationRoutes(app, notifier);
  deliveryRoutes(app, notifier, signal);
});
after(async () => {
  await app.close();
  await stack.disposeAsync();
});

interface Body {
  readonly page: { size: number; next?: string };
  readonly notifications: readonly Notification[];
}

const PAGE = '/notifier/api/v1/notification';
const INTERNAL = '/notifier/api/v1/internal';

describe('a notification', () => {
  it('is read as Quay does: page by page, what was added, then deleted', async () => {
    const { callback, notificationId } = target.got[0]!.delivery;
    assert.equal(callback, `http://clair${PAGE}/${notificationId}`);
    const got: Notification[] = [];
    let next: string | undefined;
    let pages = 0;
    do {
      const url = `${PAGE}/${notificationId}?page_size=3${next ? `&next=${next}` : ''}`;
      const response = await app.inject({ url });
      assert.equal(response.statusCode, 200);
      assert.equal(response.headers['content-type'], 'application/vnd.clair.notification_page.v1+json');
      const body = response.json<Body>();
      assert.equal(body.page.size, 3);
      got.push(...body.notifications);
      next = body.page.next;
      pages++;
    } while (next !== undefined);
    assert.equal(pages, 3);
    const ids = got.map(({ id }) => id);
    assert.deepEqual(ids, [...new Set(ids)].sort());
    assert.deepEqual(got.map(({ reason }) => reason).sort(), [...Array(7).fill('added'), 'removed']);
    for (const { manifest, vulnerability } of got.filter(({ reason }) => reason === 'added')) {
      assert.match(manifest, /^sha256:\d{64}$/);
      const { name, description, links, fixed_in_version, normalized_severity, severity } = vulnerability;
      assert.deepEqual(
        [name, description, links, fixed_in_version, normalized_severity, severity, vulnerability.package],
        [
          'A',
          'about A',
          'https://example.com/A',
          '2',
          'Critical',
          'Critical',
          { id: '', name: 'pkg', version: '', kind: 'binary' },
        ],
      );
    }
    for (let time = 0; time < 2; time++) {
      const deleted = await app.inject({ method: 'DELETE', url: `${PAGE}/${notificationId}` });
      assert.deepEqual([deleted.statusCode, deleted.body], [200, '']);
    }
    const again = await app.inject({ url: `${PAGE}/${notificationId}` });
    assert.deepEqual([again.statusCode, again.json<Body>().page], [200, { size: 500 }]);
  });

  const cases: [string, string, number][] = [
    ['GET', '/not-a-uuid', 400],
    ['DELETE', '/not-a-uuid', 400],
    ['GET', '/00000000-0000-0000-0000-000000000000', 404],
    ['DELETE', '/00000000-0000-0000-0000-000000000000', 404],
    ['GET', '/SET?page_size=-1', 400],
    ['GET', '/SET?page_size=x', 400],
    ['GET', '/SET?page_size=0', 200],
    ['GET', '/SET?page_size=1000000', 200],
    ['GET', '/SET?next=x', 400],
    ['GET', '/SET?next=ffffffff-ffff-ffff-ffff-ffffffffffff', 200],
    ['POST', '/SET', 405],
  ];
  for (const [method, path, status] of cases) {
    it(`${method} ${path}: ${status}`, async () => {
      const url = PAGE + path.replace('SET', set);
      const response = await app.inject({ method: method as 'GET', url });
      assert.equal(response.statusCode, status, response.body);
    });
  }

  it('has an empty last page, and other forms of its id', async () => {
    const past = await app.inject({
      url: `${PAGE}/urn:uuid:${set}?next=ffffffff-ffff-ffff-ffff-ffffffffffff`,
    });
    assert.equal(past.body, '{"page":{"size":500},"notifications":[]}');
    const big = await app.inject({ url: `${PAGE}/${set.replaceAll('-', '')}?page_size=1000000` });
    assert.equal(big.json<Body>().page.size, 5000);
    const wrong = await app.inject({ url: `${PAGE}/${set}`, headers: { accept: 'text/html' } });
    assert.equal(wrong.statusCode, 415);
  });
});

describe('deliveries', () => {
  interface Log {
    readonly page: { size: number; next?: string };
    readonly transports: readonly { transport: string; dead: number; delivered: number }[];
    readonly deliveries: readonly { id: string; state: string; last_error: string | null }[];
  }
  const read = async (query = '') =>
    (await app.inject({ url: `${INTERNAL}/deliveries${query}` })).json<Log>();

  it('are shown, and driven again', async () => {
    const [first] = (await read()).deliveries;
    assert.deepEqual([first?.state, first?.last_error], ['delivered', null]);
    isDown = true;
    const again = await app.inject({ method: 'POST', url: `${INTERNAL}/deliveries/${first!.id}/redeliver` });
    assert.equal(again.statusCode, 202);
    await notifier.deliver('webhook', signal);
    isDown = false;
    const { deliveries, transports, page } = await read('?state=dead&transport=webhook&page_size=1');
    assert.deepEqual(
      deliveries.map(({ last_error }) => last_error),
      [`refused ${set}`],
    );
    assert.deepEqual(page, { size: 1 });
    assert.deepEqual(
      transports.map(({ dead, delivered }) => [dead, delivered]),
      [[1, 0]],
    );
    assert.deepEqual((await read(`?next=${first!.id}`)).deliveries, []);
  });

  const refused: [string, string, number][] = [
    ['GET', '/deliveries?state=x', 400],
    ['GET', '/deliveries?page_size=0', 400],
    ['GET', '/deliveries?next=x', 400],
    ['POST', '/deliveries/x/redeliver', 400],
    ['POST', '/deliveries/99999999/redeliver', 404],
  ];
  for (const [method, path, status] of refused) {
    it(`${method} ${path}: ${status}`, async () => {
      const response = await app.inject({ method: method as 'GET', url: INTERNAL + path });
      assert.equal(response.statusCode, status, response.body);
    });
  }

  it('can be tried out', async () => {
    const post = (payload?: string) =>
      app.inject({ method: 'POST', url: `${INTERNAL}/test`, ...(payload && { payload }) });
    const tried = (await post()).json<{ results: { transport: string; delivered: boolean }[] }>();
    assert.deepEqual(
      tried.results.map(({ transport, delivered }) => [transport, delivered]),
      [['webhook', true]],
    );
    assert.equal((await post('{"transport":"stomp"}')).statusCode, 400);
    assert.equal((await post('{"transport":7}')).statusCode, 400);
    assert.equal((await post('{')).statusCode, 400);
  });
});
