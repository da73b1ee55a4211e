/** The users of an embedded server: who holds a connection to its keeper's socket. */
import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { type Linger, lingers, readLinger } from './embedded-linger.ts';
import type { EmbeddedPlaces } from './embedded-places.ts';

const FIRST_USER_MS = 15_000;
/** Characters of what a user says of itself. */
const MOST_SAID = 1024;

/**
 * Lets in whoever connects to the socket at `path`, and tells each the way to `server`. Resolves when the server is to be
 * stopped, or has ended, with the user who waits for that. The last user's wish decides how long the server stays for the
 * next one (`Linger`); without `places` it stops at once.
 */
export function serveUsers(
  path: string,
  dsn: string,
  server: ChildProcess,
  places?: EmbeddedPlaces,
): Promise<Socket | undefined> {
  const users = new Set<Socket>();
  return new Promise((resolve, reject) => {
    let open = true;
    let hadUsers = false;
    let lingering: Disposable | undefined;
    const close = (last?: Socket) => {
      if (!open) return;
      lingering?.[Symbol.dispose]();
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
      hadUsers = true;
      lingering?.[Symbol.dispose]();
      lingering = undefined;
      let said = '';
      const stay = (wish: Linger): Disposable =>
        lingers(wish, places!, (isDirectoryGone) => {
          // It has nowhere to write to: it must not put files where somebody is deleting.
          if (isDirectoryGone) server.kill('SIGQUIT');
          close();
        });
      const leave = () => {
        if (!users.delete(user)) return;
        const wish = users.size > 0 || places === undefined ? undefined : readLinger(said);
        if (users.size === 0 && wish === undefined) return close(user);
        if (wish !== undefined) lingering = stay(wish);
        user.end();
      };
      user.setEncoding('utf8').on('data', (text: string) => {
        if (said.length < MOST_SAID) said += text;
      });
      user.on('end', leave).on('close', leave);
      user.write(`${JSON.stringify({ dsn, keeper: process.pid })}\n`);
    });
    listener.on('error', reject);
    listener.listen(path);
    server.on('exit', () => close());
    if (server.exitCode !== null || server.signalCode !== null) close(); // it has ended before anybody listened
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => close());
    setTimeout(() => hadUsers || close(), FIRST_USER_MS).unref();
  });
}
