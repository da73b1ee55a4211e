/** Reads what a test sent to a broker, by AMQP. */
import { type ChannelModel, connect, type GetMessage } from 'amqplib';
import type { Broker } from './rabbitmq.ts';

/** Where messages of one test go. */
export interface Mailbox extends AsyncDisposable {
  readonly queue: string;
  readonly take: () => Promise<GetMessage | undefined>;
  /** Bodies of all that are there, in order. */
  all(): Promise<unknown[]>;
}

/** A durable queue of that name, empty. */
export async function openMailbox(broker: Broker, queue: string): Promise<Mailbox> {
  const model = await connectTo(broker);
  const channel = await model.createChannel();
  channel.on('error', () => {});
  await channel.assertQueue(queue, { durable: true });
  const take = async (): Promise<GetMessage | undefined> =>
    (await channel.get(queue, { noAck: true })) || undefined;
  return {
    queue,
    take,
    async all() {
      const bodies: unknown[] = [];
      for (let got = await take(); got !== undefined; got = await take()) {
        bodies.push(JSON.parse(got.content.toString('utf8')));
      }
      return bodies;
    },
    [Symbol.asyncDispose]: () => model.close().catch(() => {}),
  };
}

async function connectTo({ amqp, user }: Broker): Promise<ChannelModel> {
  const [hostname = '', port] = amqp.split(':');
  const { login: username, passcode: password } = user;
  const model = await connect({ hostname, port: Number(port), username, password, vhost: '/' });
  model.on('error', () => {});
  return model;
}
