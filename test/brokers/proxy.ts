/** Between a client and a broker: counts connections, and cuts them when a test says so. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Proxy extends AsyncDisposable {
  /** host:port. */
  readonly address: string;
  /** Connections so far. */
  readonly count: () => number;
  /** Called with each piece from the client, before it goes on; true: cuts the connection instead. */
  cutAt: (piece: Buffer) => boolean;
  /** Nothing goes through any more; connections stay open. */
  freeze(): void;
}

/** In front of `target`, host:port. */
export async function startProxy(target: string): Promise<Proxy> {
  const [host = '', port = ''] = target.split(':');
  const sockets = new Set<Socket>();
  let count = 0;
  let isFrozen = false;
  const server = createServer((client) => {
    count++;
    const broker = connect(Number(port), host);
    const end = (): void => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.on('data', (piece) => {
      if (isFrozen) return;
      if (proxy.cutAt(piece)) end();
      else broker.write(piece);
    });
    broker.on('data', (piece) => void (isFrozen || client.write(piece)));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const proxy: Proxy = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: () => count,
    cutAt: () => false,
    freeze: () => void (isFrozen = true),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
  return proxy;
}
