/** Between a client and PostgreSQL: passes bytes on, until it is told to stand still or to say something else. */
import { connect, createServer, type Socket } from 'node:net';

export interface StallingProxy extends AsyncDisposable {
  readonly port: number;
  /** From now on nothing passes, in either direction, and nothing is closed; connections are taken, and hear nothing. */
  stall(): void;
  /** Goes on with what waited. */
  resume(): void;
  /** What the server's first piece of a connection becomes. */
  rewrite: ((greeting: Buffer) => Buffer) | undefined;
  /** Ends all connections. */
  cutAll(): void;
}

export async function startProxy(
  to: { host: string; port: number } | { path: string },
): Promise<StallingProxy> {
  const sockets = new Set<Socket>();
  let isStalled = false;
  const proxy = {
    rewrite: undefined as StallingProxy['rewrite'],
    stall() {
      isStalled = true;
      for (const socket of sockets) socket.pause();
    },
    resume() {
      isStalled = false;
      for (const socket of sockets) socket.resume();
    },
    cutAll() {
      for (const socket of sockets) socket.destroy();
    },
  };
  function join(from: Socket, other: Socket, change: (chunk: Buffer) => Buffer): void {
    sockets.add(from);
    from.on('error', () => {});
    from.on('data', (chunk: Buffer) => other.write(change(chunk)));
    from.on('close', () => {
      sockets.delete(from);
      other.destroy();
    });
    if (isStalled) from.pause();
  }
  const server = createServer((client) => {
    const upstream = connect(to);
    join(client, upstream, (chunk) => chunk);
    join(upstream, client, (chunk) => proxy.rewrite?.(chunk) ?? chunk);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return Object.assign(proxy, {
    port: (server.address() as { port: number }).port,
    async [Symbol.asyncDispose]() {
      proxy.cutAll();
      await new Promise((done) => server.close(done));
    },
  });
}
