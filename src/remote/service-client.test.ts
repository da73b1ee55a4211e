import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { createServiceClient } from './service-client.ts';

/** Asks a service that answers so for its text. */
async function textFrom(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await using client = createServiceClient({ name: 'matcher', address, textLimit: 1000, textTimeout: 100 });
  try {
    return await (await client.call('/x', { expect: [200] })).text();
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Writes without end, as fast as it is read or a little at a time. */
function endless(response: ServerResponse, piece: Buffer, ms: number): void {
  const timer = setInterval(() => response.write(piece), ms);
  response.on('close', () => clearInterval(timer));
}

describe('the text of an answer', () => {
  it('may be as long as the limit, and what its bytes say', async () => {
    assert.equal(await textFrom((response) => response.end('é'.repeat(500))), 'é'.repeat(500));
    const inPieces = (response: ServerResponse): void => {
      response.write(Buffer.from([0xc3]));
      setTimeout(() => response.end(Buffer.from([0xa9])), 10);
    };
    assert.equal(await textFrom(inPieces), 'é');
  });

  const cases: [what: string, answer: (response: ServerResponse) => void, reason: RegExp][] = [
    ['too long', (response) => response.end('x'.repeat(1001)), /longer than 1000 bytes/],
    ['endless', (response) => endless(response, Buffer.alloc(64 * 1024), 1), /longer than 1000 bytes/],
    ['endless and slow', (response) => endless(response, Buffer.alloc(1), 5), /not over after 0\.1 s/],
    [
      'cut off',
      (response) => {
        response.write('x');
        setTimeout(() => response.destroy(), 10);
      },
      /does not answer GET \/x/,
    ],
    [
      'an endless failure',
      (response) => endless(response.writeHead(500), Buffer.alloc(64 * 1024), 1),
      /with 500: it is longer than 65536 bytes/,
    ],
  ];
  for (const [what, answer, reason] of cases) {
    it(`fails if it is ${what}`, () =>
      assert.rejects(textFrom(answer), {
        code: what === 'an endless failure' ? 'service-answer' : 'service',
        message: reason,
      }));
  }
});
