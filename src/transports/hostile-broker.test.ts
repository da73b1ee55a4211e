/** Brokers that are none: whatever they say, a delivery fails, and nothing else. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Secret } from '../lib/secret.ts';
import { exchangeOf } from './amqp/exchange.fixture.ts';
import { createTransports } from './open-transports.ts';

const DELIVERY = { notificationId: 'an-id', callback: 'http://x/an-id', notifications: [] };
const COMMON = { callback: 'http://x/', direct: false, rollup: 0 };

interface Fake extends AsyncDisposable {
  readonly address: string;
}

async function fakeBroker(serve: (socket: Socket) => void): Promise<Fake> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

/** Delivers by both; gives the failures. */
async function deliverTo(fake: Fake, ms: number): Promise<unknown[]> {
  const transports = await createTransports({
    amqp: {
      ...COMMON,
      uris: [new Secret(`amqp://${fake.address}`)],
      routing_key: 'x',
      exchange: exchangeOf('y'),
    },
    stomp: { ...COMMON, uris: [fake.address], destination: '/queue/x' },
  });
  const results = await Promise.allSettled(
    transports.map((transport) => transport.deliver(DELIVERY, AbortSignal.timeout(ms))),
  );
  for (const transport of transports) await transport[Symbol.asyncDispose]();
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
}

/** Frames of a broker that speaks STOMP well, to be spoilt. */
const STOMP_FRAMES = [
  'CONNECTED\nversion:1.2\nheart-beat:0,0\n\n\0\n',
  'RECEIPT\nreceipt-id:1\n\n\0\n',
  'RECEIPT\nreceipt-id:77\n\n\0\n',
  'ERROR\nmessage:no\ncontent-type:text/plain\ncontent-length:3\n\ntea\0\n',
  'ERROR\nmessage:no\n\n\0\n',
  'MESSAGE\nsubscription:1\n\nx\0\n',
  'CONNECTED\ncontent-length:-1\n\n\0\n',
];
const AMQP_START = Buffer.from('0100000000000a000a000a0009', 'hex');

describe('a broker that is none', () => {
  it('says nothing', async () => {
    await using fake = await fakeBroker(() => {});
    const failures = await deliverTo(fake, 200);
    assert.deepEqual(
      failures.map((error) => (error as Error).name),
      ['TimeoutError', 'TimeoutError'],
    );
  });

  it('hangs up', async () => {
    await using fake = await fakeBroker((socket) => socket.end());
    assert.equal((await deliverTo(fake, 2000)).length, 2);
  });

  it('is told by STOMP what an ERROR says', async () => {
    await using fake = await fakeBroker((socket) => socket.write(STOMP_FRAMES[3]!));
    const failures = (await deliverTo(fake, 2000)).map(String);
    assert.ok(
      failures.some((text) => /no: tea/.test(text)),
      failures.join(),
    );
  });

  it('confirms by AMQP what it was not sent', async () => {
    const frame = (channel: number, payload: string): Buffer => {
      const head = Buffer.alloc(7, 1);
      head.writeUInt16BE(channel, 1);
      head.writeUInt32BE(payload.length / 2, 3);
      return Buffer.concat([head, Buffer.from(`${payload}ce`, 'hex')]);
    };
    const text = (value: string): string =>
      value.length.toString(16).padStart(8, '0') + Buffer.from(value).toString('hex');
    const session = [
      frame(0, `000a000a000900000000${text('PLAIN')}${text('en_US')}`), // connection.start
      frame(0, '000a001e006400020000003c'), // tune
      frame(0, '000a002900'), // open-ok
      frame(1, '0014000b00000000'), // channel.open-ok
      frame(1, '0055000b'), // confirm.select-ok
      frame(1, '0028000b'), // exchange.declare-ok
      frame(1, '003c0050000000009700000100'), // basic.ack of 2533359617
    ];
    await using fake = await fakeBroker((socket) => {
      const steps = session.values();
      socket.on('data', () => {
        const { value, done } = steps.next();
        if (!done) socket.write(value);
      });
    });
    const failures = (await deliverTo(fake, 5000)).map(String);
    // Counting up to that tag would take hours.
    assert.ok(
      failures.some((reason) => /confirms what it was not sent/.test(reason)),
      failures.join(),
    );
  });

  it('promises to be heard of in years', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on('warning', listen);
    const connected = `CONNECTED\nversion:1.2\nheart-beat:${'9'.repeat(20)},99999999999\n\n\0`;
    await using fake = await fakeBroker((socket) => socket.write(connected));
    await deliverTo(fake, 200);
    process.off('warning', listen);
    assert.deepEqual(
      warnings.map(({ name }) => name),
      [],
    );
  });

  it('says anything at all', async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom(...STOMP_FRAMES).map((text) => Buffer.from(text)),
      fc
        .constantFrom(...STOMP_FRAMES)
        .chain((text) => fc.nat(text.length).map((end) => Buffer.from(text.slice(0, end)))),
      fc.constant(AMQP_START),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 5 }), fc.boolean(), async (pieces, hangsUp) => {
        await using fake = await fakeBroker((socket) => {
          for (const bytes of pieces) socket.write(bytes);
          if (hangsUp) socket.end();
        });
        for (const failure of await deliverTo(fake, 40))
          assert.ok(failure instanceof Error || failure instanceof DOMException);
      }),
      { numRuns: 40 },
    );
  });
});
