/** The users of an embedded server: who holds a connection to its keeper's socket. */
import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';

const FIRST_USER_MS = 15_000;

/**
 * Lets in whoever connects to the socket at `path`, and tells each the way to `server`. Resolves when the server is to be
 * stopped, or has ended, with the user who waits for that.
 */
export function serveUsers(path: string, dsn: string, server: ChildProcess): Promise<Socket | undefined> {
  const users = new Set<Socket>();
  return new Promise((resolve, reject) => {
    let open = true;
    const close = (last?: Socket) => {
      if (!open) return;
      open = false; // from here on nobody is let in: who comes now finds no socket, and starts a keeper of his own
      listener.close();
      rmSync(path, { force: true });
      for (const user of users) user.destroy();
      resolve(last);
    };
    const listener = createServer({ allowHalfOpen: true }, (user) => {
      user.on('error', () => {});
      if (!open) return void user.destroy();
      users.add(user);
      const leave = () => {
        if (!users.delete(user)) return;
        if (users.size === 0) close(user);
        else user.end();
      };
      user.on('end', leave).on('close', leave).resume();
      user.write(`${JSON.stringify({ dsn, keeper: process.pid })}\n`);
    });
    listener.on('error', reject);
    listener.listen(path);
    server.on('exit', () => close());
    if (server.exitCode !== null || server.signalCode !== null) close(); // it has ended before anybody listened
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => close());
    setTimeout(() => users.size === 0 && close(), FIRST_USER_MS).unref();
  });
}
