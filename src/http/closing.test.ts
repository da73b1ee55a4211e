import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';
import { noLog } from '../lib/log.ts';
import { createServer } from './server.ts';

it('a server that is being closed answers what still comes', async () => {
  const app = createServer({ log: noLog });
  app.get('/late', async () => 'in time');
  let answer: Response | undefined;
  let text = '';
  app.addHook('preClose', async () => {
    answer = await fetch(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/late`);
    text = await answer.text();
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  await app.close();
  assert.deepEqual([answer?.status, answer?.headers.get('connection'), text], [200, 'close', 'in time']);
});
