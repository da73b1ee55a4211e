import assert from 'node:assert/strict';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { noLog } from '../lib/log.ts';
import { createServer } from './server.ts';

describe('an answer before the end of a request', () => {
  const app = createServer({ log: noLog });
  app.post('/thing', async () => 'taken');
  before(() => app.listen({ host: '127.0.0.1', port: 0 }));
  after(() => app.close());

  /** What is refused at its first bytes: they are not of the coding that it names. */
  const BAD = 'Content-Encoding: zstd\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwrong\r\n';
  const REST = '4\r\nmore\r\n0\r\n\r\n';

  async function begin(head: string): Promise<{ socket: Socket; text: () => string; closed: Promise<void> }> {
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', (piece) => (text += piece));
    const closed = new Promise<void>((resolve, reject) =>
      socket.once('close', () => resolve()).once('error', reject),
    );
    closed.catch(() => {});
    socket.write(head + BAD);
    return { socket, text: () => text, closed };
  }

  for (const head of [
    'POST /thing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n',
    'POST /nowhere HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n',
  ])
    it(`waits for the rest where the connection is to be closed: ${head.split(' ')[1]}`, async () => {
      const { socket, text, closed } = await begin(head);
      await sleep(150);
      assert.equal(text(), '', 'closed now, the connection would be reset, and the answer lost');
      socket.write(REST);
      await closed;
      assert.match(text(), /^HTTP\/1\.1 40[04] /);
    });

  it('waits for a moment only', async () => {
    const { text, closed } = await begin('POST /thing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n');
    await closed;
    assert.match(text(), /^HTTP\/1\.1 400 /);
  });

  it('does not wait where the connection is kept', async () => {
    const { socket, text, closed } = await begin('POST /thing HTTP/1.1\r\nHost: a\r\n');
    while (text() === '') await sleep(5);
    assert.match(text(), /^HTTP\/1\.1 400 /);
    socket.end(REST);
    await closed;
  });
});
