/** How a service stops. */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import fastify from 'fastify';
import { drain } from './listen.ts';

/** A server with one request that is running until `end` is called, and what becomes of it. */
async function busyServer() {
  const app = fastify();
  const begun = Promise.withResolvers<void>();
  const over = Promise.withResolvers<string>();
  app.get('/', async () => {
    begun.resolve();
    return await over.promise;
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const outcome = fetch(`http://127.0.0.1:${port}/`).then(
    (answer) => answer.text(),
    () => 'cut off',
  );
  await begun.promise;
  return { app, outcome, end: () => over.resolve('done') };
}

describe('drain', () => {
  it('lets a running request end, and does not wait for the rest of its time', async () => {
    const { app, outcome, end } = await busyServer();
    const cutOff = new AbortController();
    const drained = drain(app, cutOff, 600_000);
    end();
    await drained;
    assert.equal(await outcome, 'done');
    assert.equal(cutOff.signal.aborted, false);
  });

  it('cuts off what takes longer than it may', async () => {
    const { app, outcome, end } = await busyServer();
    const cutOff = new AbortController();
    await drain(app, cutOff, 0);
    assert.equal(await outcome, 'cut off');
    assert.match(String(cutOff.signal.reason), /the service is stopping: submit again/);
    end();
  });
});
