/** Real receivers of notifications: a webhook, and queues of a real broker by AMQP and by STOMP. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Database } from '../../src/db/database.ts';
import { createServer as createApp } from '../../src/http/server.ts';
import { noLog } from '../../src/lib/log.ts';
import { Secret } from '../../src/lib/secret.ts';
import { notifierOf } from '../../src/notifier/notifier.fixture.ts';
import type { Notifier } from '../../src/notifier/notifier.ts';
import { notificationRoutes } from '../../src/notifier/routes/notification.ts';
import { exchangeOf } from '../../src/transports/amqp/exchange.fixture.ts';
import type { Transport } from '../../src/transports/contract.ts';
import type { Notification } from '../../src/transports/notification.ts';
import { createTransports } from '../../src/transports/open-transports.ts';
import { type Mailbox, openMailbox } from '../brokers/mailbox.ts';
import { type Broker, rabbitmqServer, startBroker } from '../brokers/rabbitmq.ts';
import { freePort } from './service.ts';

/** What came by one transport. */
export interface Told {
  /** `amqp, direct`, … */
  readonly name: string;
  readonly told: readonly Notification[];
}

export interface Receivers extends AsyncDisposable {
  /** Of those that can, the first send the notifications themselves, and the second say where they are. */
  readonly transports: Readonly<Record<Way, readonly Transport[]>>;
  /**
   * Delivers what `notifier`, made with the direct transports, has stored in `db`; then all of it once more by callbacks.
   * Gives what arrived, by transport and way: what is called for is fetched from the notifier by HTTP.
   */
  tellAll(db: Database, notifier: Notifier, signal: AbortSignal): Promise<Told[]>;
}

type Way = 'direct' | 'callback';

interface Callback {
  readonly callback: string;
}

const ROLLUP = 10;
/** There is more than one page of the big sets. */
const PAGE_SIZE = 20;

/** Only the webhook is left where no broker is installed, except in CI. */
export async function openReceivers(): Promise<Receivers> {
  await using resources = new AsyncDisposableStack();
  const posted: Callback[] = [];
  const hook = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    posted.push(JSON.parse(text) as Callback);
    response.end();
  });
  hook.listen(0, '127.0.0.1');
  await once(hook, 'listening');
  resources.defer(async () => {
    hook.closeAllConnections();
    await new Promise((done) => hook.close(done));
  });
  const pages = `http://127.0.0.1:${await freePort()}`;
  const callback = `${pages}/notifier/api/v1/notification/`;
  const target = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;

  const isMissing = rabbitmqServer() === undefined && process.env.CI === undefined;
  if (isMissing) process.stderr.write('no delivery by AMQP and STOMP: rabbitmq-server is not installed\n');
  const broker = isMissing ? undefined : resources.use(await startBroker());
  const boxes = new Map<string, Mailbox>();
  for (const by of broker === undefined ? [] : ['amqp', 'stomp'])
    boxes.set(by, resources.use(await openMailbox(broker!, `told-by-${by}`)));

  const open = async (direct: boolean): Promise<readonly Transport[]> => {
    const transports = await createTransports({
      webhook: { target: new Secret(target), callback },
      ...(broker !== undefined && brokerSettings(broker, { callback, direct, rollup: ROLLUP })),
    });
    for (const transport of transports) resources.use(transport);
    return transports;
  };
  const transports = { direct: await open(true), callback: await open(false) };

  async function tellBy(notifier: Notifier, way: Way, signal: AbortSignal): Promise<Told[]> {
    const told: Told[] = [];
    for (const { name, direct } of transports[way]) {
      await notifier.deliver(name, signal);
      const messages = (await boxes.get(name)?.all()) ?? posted.splice(0);
      const items = direct
        ? (messages as Notification[][]).flat()
        : (await Promise.all((messages as Callback[]).map((message) => fetchAll(message, signal)))).flat();
      const how = direct ? 'direct' : 'by a callback';
      const beside = name === 'webhook' ? `, beside brokers with ${way} delivery` : '';
      told.push({ name: `${name}, ${how}${beside}`, told: items });
    }
    return told;
  }

  const owned = resources.move();
  return {
    transports,
    async tellAll(db, notifier, signal) {
      const app = createApp({ log: noLog });
      notificationRoutes(app, notifier);
      await app.listen({ host: '127.0.0.1', port: Number(new URL(pages).port) });
      try {
        const direct = await tellBy(notifier, 'direct', signal);
        const caller = notifierOf(db, { states: {}, affected: {} }, { transports: transports.callback });
        await again(caller, [], signal);
        return [...direct, ...(await tellBy(caller, 'callback', signal))];
      } finally {
        await app.close();
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Queues what was delivered once more, the oldest first, and delivers it by `targets`. */
export async function again(
  notifier: Notifier,
  targets: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const all = { state: undefined, target: undefined, next: undefined, size: 1000 };
  for (const { id, state } of (await notifier.deliveries(all)).reverse()) {
    if (state !== 'delivered') throw new Error(`delivery ${id} is ${state}`);
    await notifier.redeliver(id);
  }
  for (const target of targets) await notifier.deliver(target, signal);
}

function brokerSettings(
  { user, amqp, stomp }: Broker,
  how: { readonly callback: string; readonly direct: boolean; readonly rollup: number },
) {
  const { login, passcode } = user;
  return {
    amqp: {
      ...how,
      uris: [new Secret(`amqp://${login}:${encodeURIComponent(passcode)}@${amqp}/`)],
      exchange: exchangeOf(''),
      routing_key: 'told-by-amqp',
    },
    stomp: {
      ...how,
      uris: [stomp],
      destination: '/queue/told-by-stomp',
      user: { login, passcode: new Secret(passcode) },
    },
  };
}

/** As a receiver does: page by page. */
async function fetchAll({ callback }: Callback, signal: AbortSignal): Promise<Notification[]> {
  const got: Notification[] = [];
  for (let next: string | undefined, isFirst = true; isFirst || next !== undefined; isFirst = false) {
    const answer = await fetch(
      `${callback}?page_size=${PAGE_SIZE}${next === undefined ? '' : `&next=${next}`}`,
      { signal },
    );
    if (answer.status !== 200) throw new Error(`${callback} answered ${answer.status}`);
    const { page, notifications } = (await answer.json()) as {
      readonly page: { readonly next?: string };
      readonly notifications: readonly Notification[];
    };
    got.push(...notifications);
    next = page.next;
  }
  return got;
}
