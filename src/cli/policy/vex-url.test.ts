import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { readVexFile } from './vex-rules.ts';

const DOCUMENT = {
  '@context': 'https://openvex.dev/ns/v0.2.0',
  '@id': 'urn:clair:decisions:1',
  author: 'Clair',
  timestamp: '2026-11-30T00:00:00Z',
  version: 1,
  statements: [
    {
      vulnerability: { name: 'CVE-2026-1' },
      products: [{ '@id': 'pkg:deb/debian/curl' }],
      status: 'not_affected',
      justification: 'vulnerable_code_not_present',
    },
  ],
};

describe('a VEX document at a URL', () => {
  const server = createServer((request, response) => {
    if (request.url !== '/decisions.openvex.json') return response.writeHead(404).end('not found');
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(DOCUMENT));
  });
  const url = (path: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  before(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
  after(() => server.close());

  it('is read as a file is', async () => {
    const { statements } = await readVexFile(url('/decisions.openvex.json'));
    assert.deepEqual(
      statements.map(({ ids, status }) => [ids, status]),
      [[['CVE-2026-1'], 'not_affected']],
    );
  });
  it('that is not there is an error that names it', async () => {
    await assert.rejects(readVexFile(url('/other')), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'bad-config');
      assert.match(error.message, /\/other.*404/s);
      return true;
    });
  });
});
