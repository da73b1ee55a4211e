/** Brokers that say anything: whole sessions of AMQP and STOMP, damaged, to which something is to be delivered. */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Secret } from '../../src/lib/secret.ts';
import { exchangeOf } from '../../src/transports/amqp/exchange.fixture.ts';
import { createTransports } from '../../src/transports/open-transports.ts';
import type { FuzzedDocument, Read } from './document.ts';

const STOMP = [
  'CONNECTED\nversion:1.2\nheart-beat:0,0\n\n\0\nRECEIPT\nreceipt-id:1\n\n\0\n',
  'CONNECTED\nversion:1.1\nserver:x\\n\\c\n\n\0\n\n\nERROR\nmessage:no\ncontent-type:text/plain\ncontent-length:3\n\ntea\0\n',
  'CONNECTED\n\n\0MESSAGE\nsubscription:1\nmessage-id:2\ndestination:/queue/x\n\nx\0\nRECEIPT\nreceipt-id:1\n\n\0\n',
];

/** As a broker of AMQP 0-9-1 writes them, one after the other. */
function amqpSessions(): Buffer[] {
  // Not for everybody: by its path.
  const defs = createRequire(import.meta.url)('../../node_modules/amqplib/lib/defs.js');
  const frame = (name: string, channel: number, fields: object): Buffer =>
    defs.encodeMethod(defs[name], channel, fields);
  const start = frame('ConnectionStart', 0, {
    versionMajor: 0,
    versionMinor: 9,
    serverProperties: { product: 'x', capabilities: { publisher_confirms: true }, list: [1, 2.5, null, 'y'] },
    mechanisms: Buffer.from('PLAIN AMQPLAIN'),
    locales: Buffer.from('en_US'),
  });
  const opened = [
    start,
    frame('ConnectionTune', 0, { channelMax: 100, frameMax: 0x20000, heartbeat: 60 }),
    frame('ConnectionOpenOk', 0, {}),
    frame('ChannelOpenOk', 1, {}),
    frame('ConfirmSelectOk', 1, {}),
    frame('ExchangeDeclareOk', 1, {}),
  ];
  return [
    Buffer.concat([...opened, frame('BasicAck', 1, { deliveryTag: 1, multiple: false })]),
    Buffer.concat([...opened, frame('BasicNack', 1, { deliveryTag: 1, multiple: true, requeue: false })]),
    Buffer.concat([
      ...opened,
      frame('ChannelClose', 1, { replyCode: 404, replyText: 'no exchange', classId: 60, methodId: 40 }),
    ]),
    Buffer.concat([
      start,
      frame('ConnectionClose', 0, { replyCode: 403, replyText: 'no', classId: 0, methodId: 0 }),
    ]),
  ];
}

/** A server that says one step of `script` whenever it is asked something, or nothing comes for a while; then it hangs up. */
let serving: Promise<Server> | undefined;
let script: readonly Buffer[] = [];
const PATIENCE = 3;

async function serve(): Promise<Server> {
  const server = createServer((socket) => {
    const rest = script.values();
    let timer: NodeJS.Timeout;
    const next = (): void => {
      clearTimeout(timer);
      const { value, done } = rest.next();
      if (done) socket.end();
      else socket.write(value);
      timer = setTimeout(next, PATIENCE);
    };
    socket
      .on('error', () => {})
      .on('close', () => clearTimeout(timer))
      .on('data', next);
    timer = setTimeout(next, PATIENCE);
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return server;
}

/** A frame of AMQP says its length in its bytes 3 to 6, one of STOMP ends with NUL. */
function stepsOf(kind: 'amqp' | 'stomp', bytes: Buffer): Buffer[] {
  const steps: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length =
      kind === 'stomp'
        ? bytes.indexOf(0, at) + 1 - at
        : at + 7 < bytes.length
          ? bytes.readUInt32BE(at + 3) + 8
          : 0;
    const end = length > 0 ? Math.min(at + length, bytes.length) : bytes.length;
    steps.push(bytes.subarray(at, end));
    at = end;
  }
  return steps;
}

async function deliver(kind: 'amqp' | 'stomp', bytes: Buffer): Promise<Read> {
  script = stepsOf(kind, bytes);
  serving ??= serve();
  const host = `127.0.0.1:${((await serving).address() as AddressInfo).port}`;
  const common = { callback: 'http://x/', direct: false, rollup: 0 };
  const [transport] = await createTransports(
    kind === 'amqp'
      ? {
          amqp: {
            ...common,
            uris: [new Secret(`amqp://${host}`)],
            routing_key: 'x',
            exchange: exchangeOf('y'),
          },
        }
      : { stomp: { ...common, uris: [host], destination: '/queue/x' } },
  );
  try {
    const delivery = { notificationId: 'an-id', callback: 'http://x/an-id' };
    await transport!.deliver(delivery, AbortSignal.timeout(2000));
    return { records: 1, problems: 0 };
  } catch {
    return { records: 0, problems: 1 }; // whatever the broker said, the delivery fails, and nothing else
  } finally {
    await transport![Symbol.asyncDispose]();
  }
}

/** By the protocol that they speak. */
export const brokers: Readonly<Record<'amqp' | 'stomp', FuzzedDocument>> = {
  amqp: { seeds: amqpSessions, read: (bytes) => deliver('amqp', bytes) },
  stomp: {
    seeds: () => STOMP.map((text) => Buffer.from(text)),
    read: (bytes) => deliver('stomp', bytes),
  },
};
