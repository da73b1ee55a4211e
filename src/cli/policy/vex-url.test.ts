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
    seen.push(`${request.headers.host} ${request.headers.authorization ?? 'none'}`);
    if (request.url === '/elsewhere')
      return response.writeHead(302, { location: other('/decisions.openvex.json') }).end();
    if (request.url === '/closed') return response.writeHead(401).end();
    if (request.url !== '/decisions.openvex.json') return response.writeHead(404).end('not found');
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(DOCUMENT));
  });
  const url = (path: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  /** The same server by another name. */
  const other = (path: string): string => url(path).replace('127.0.0.1', 'localhost');
  const seen: string[] = [];
  const token = 'secret-token';
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

  it('gets the token, and no other host after a redirect', async () => {
    seen.length = 0;
    await readVexFile(url('/elsewhere'), { token, allowsHttp: false });
    assert.deepEqual(
      seen.map((each) => each.replace(/:\d+/, '')),
      ['127.0.0.1 Bearer secret-token', 'localhost none'],
    );
  });
  it('gets no token without TLS elsewhere, unless that is allowed', async () => {
    await assert.rejects(
      readVexFile('http://vex.invalid/x', { token, allowsHttp: false }),
      /CLAIR_VEX_TOKEN is not sent without TLS\..*--plain-http/,
    );
    // It is asked then: nobody has this name.
    await assert.rejects(readVexFile('http://vex.invalid/x', { token, allowsHttp: true }), /vex\.invalid/);
  });
  for (const [access, advice] of [
    [{ token, allowsHttp: false }, /returned 401\. Check the token/],
    [{ allowsHttp: false }, /returned 401\. Pass a token with CLAIR_VEX_TOKEN/],
  ] as const)
    it(`that is refused says what to do: ${advice.source}`, async () => {
      await assert.rejects(readVexFile(url('/closed'), access), (error: Error) => {
        assert.match(error.message, advice);
        assert.doesNotMatch(error.message, /secret-token/);
        return true;
      });
    });
});
