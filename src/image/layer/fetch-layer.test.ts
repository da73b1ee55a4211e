import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Digest, parseDigest } from '../../model/digest.ts';
import { tarOf } from '../tar/writer.fixture.ts';
import { type FetchOptions, fetchLayer } from './fetch-layer.ts';
import { createLayerBudget, DEFAULT_LIMITS, type LayerLimits } from './layer-limits.ts';

const archive = tarOf({ name: 'a', content: 'hello'.repeat(1000) });
const packed = gzipSync(archive);
const requests: IncomingMessage[] = [];
let server: Server;
let other: Server;
let base: string;
let otherBase: string;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const handlers: Record<string, Handler> = {
  '/layer': (_, response) => response.end(packed),
  '/typed': (_, response) => response.setHeader('content-type', 'application/x-tar').end(packed),
  '/html': (_, response) => response.setHeader('content-type', 'text/html').end('<html>'),
  '/empty': (_, response) => response.end(),
  '/missing': (_, response) => response.writeHead(404).end(`not found\n${'x'.repeat(1000)}`),
  '/nocontent': (_, response) => response.writeHead(204).end(),
  '/redirect': (_, response) => response.writeHead(307, { location: '/layer' }).end('moved'),
  '/away': (_, response) => response.writeHead(302, { location: `${otherBase}/layer` }).end(),
  '/loop': (_, response) => response.writeHead(301, { location: '/loop' }).end(),
  '/to-signed-file': (_, response) => response.writeHead(302, { location: 'ftp://h/x?sig=secret' }).end(),
  '/to-file': (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  '/cut': (_, response) => {
    response.setHeader('content-length', packed.length + 10);
    response.write(packed);
    setTimeout(() => response.destroy(), 20);
  },
  '/cut-once': (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const size = packed.length;
    response.writeHead(start > 0 ? 206 : 200, {
      etag: '"1"',
      'content-length': size - start,
      ...(start > 0 && { 'content-range': `bytes ${start}-${size - 1}/${size}` }),
    });
    if (start > 0) return void response.end(packed.subarray(start));
    response.write(packed.subarray(0, 20));
    setTimeout(() => response.destroy(), 20);
  },
  '/no-end': (request, response) => {
    if (request.headers.range) {
      response.writeHead(416, { 'content-range': `bytes */${packed.length}` }).end();
      return;
    }
    response.write(packed); // in chunks, of which the last never comes
    setTimeout(() => response.destroy(), 20);
  },
  '/busy': (_, response) => {
    const isFirst = requests.filter(({ url }) => url === '/busy').length === 1;
    if (isFirst) response.writeHead(503, { 'retry-after': '0' }).end();
    else response.end(packed);
  },
  '/silent': () => {},
  '/stalls': (_, response) => void response.write(packed.subarray(0, 10)),
  '/slow': (_, response) => {
    response.write(packed.subarray(0, 10));
    setTimeout(() => response.end(packed.subarray(10)), 50);
  },
  '/endless': (_, response) => {
    const more = (): void => {
      while (response.write(Buffer.alloc(65536))) if (response.destroyed) return;
    };
    response.on('drain', more);
    more();
  },
};

function serve(): Promise<Server> {
  const { promise, resolve } = Promise.withResolvers<Server>();
  const made = createServer((request, response) => {
    requests.push(request);
    (handlers[new URL(request.url!, 'http://x').pathname] ?? handlers['/missing']!)(request, response);
  }).listen(0, '127.0.0.1', () => resolve(made));
  return promise;
}

before(async () => {
  server = await serve();
  other = await serve();
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  otherBase = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
});
after(() => {
  for (const each of [server, other]) {
    each.closeAllConnections();
    each.close();
  }
});

function digestOf(bytes: Buffer, algorithm = 'sha256'): Digest {
  return parseDigest(`${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`);
}

interface Asked extends Partial<Omit<FetchOptions, 'budget'>> {
  readonly hash?: Digest;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly limits?: Partial<LayerLimits>;
}

async function fetched(uri: string, asked: Asked = {}): Promise<Buffer> {
  const { hash = digestOf(packed), headers = {}, limits, ...options } = asked;
  const pieces: Buffer[] = [];
  let ended = false;
  await fetchLayer(
    { hash, uri, headers },
    {
      signal: AbortSignal.timeout(5000),
      retry: { tries: 2, backoff: 1, longest: 50 },
      budget: createLayerBudget({ ...DEFAULT_LIMITS, ...limits }, () => false),
      ...options,
    },
    {
      write: (piece) => pieces.push(Buffer.from(piece)),
      end() {
        ended = true;
      },
    },
  );
  assert.ok(ended);
  return Buffer.concat(pieces);
}

function fails(uri: string, code: string, message: RegExp, asked?: Asked): Promise<void> {
  return assert.rejects(fetched(uri, asked), { name: 'AppError', code, message });
}

describe('fetch a layer over HTTP', () => {
  it('reads it, with the headers of the reference', async () => {
    const seen: number[] = [];
    const onBytes = (bytes: number): void => void seen.push(bytes);
    const got = await fetched(`${base}/layer`, {
      onBytes,
      headers: { 'X-Tenant': ['a', 'b'], Host: ['evil'], Authorization: ['Bearer t'] },
    });
    assert.ok(got.equals(archive));
    assert.equal(seen.at(-1), packed.length);
    const { headers } = requests.at(-1)!;
    assert.equal(headers['x-tenant'], 'a, b');
    assert.equal(headers.authorization, 'Bearer t');
    assert.equal(headers['accept-encoding'], 'identity');
    assert.equal(`http://${headers.host}`, base);
  });
  it('checks sha512 too', async () => {
    assert.ok((await fetched(`${base}/layer`, { hash: digestOf(packed, 'sha512') })).equals(archive));
  });
  it('takes an empty layer', async () => {
    assert.equal((await fetched(`${base}/empty`, { hash: digestOf(Buffer.alloc(0)) })).length, 0);
  });
  it('waits for a slow server', async () => {
    assert.ok((await fetched(`${base}/slow`)).equals(archive));
  });
  it('follows redirects, and keeps its headers from other hosts', async () => {
    const headers = { Authorization: ['Bearer t'], 'X-Other': ['also'] };
    await fetched(`${base}/redirect`, { headers });
    assert.equal(requests.at(-1)!.headers.authorization, 'Bearer t');
    await fetched(`${base}/away`, { headers });
    assert.equal(requests.at(-1)!.headers.authorization, undefined);
    assert.equal(requests.at(-1)!.headers['x-other'], undefined);
  });

  it('goes on where the connection broke, with the same headers', async () => {
    const headers = { Authorization: ['Bearer t'], 'X-Tenant': ['a'] };
    assert.ok((await fetched(`${base}/cut-once`, { headers })).equals(archive));
    const { authorization, range, 'if-range': ifRange, 'x-tenant': tenant } = requests.at(-1)!.headers;
    assert.deepEqual([authorization, range, ifRange, tenant], ['Bearer t', 'bytes=20-', '"1"', 'a']);
  });
  it('is content when only the end of the answer was lost', async () => {
    assert.ok((await fetched(`${base}/no-end`)).equals(archive));
  });
  it('asks again when the server is busy', async () => {
    assert.ok((await fetched(`${base}/busy`)).equals(archive));
  });

  it('says what the server said', async () => {
    const want =
      /^unexpected status code: "404 Not Found" for "http:\/\/\[hidden\]@127.0.0.1:\d+\/missing\?X-Amz-Signature=\[hidden\]&a=b" \(body starts: "not found\\nx{246}"\)$/;
    const uri = `${base.replace('//', '//u:secret@')}/missing?X-Amz-Signature=abc&a=b`;
    await fails(uri, 'layer-refused', want);
    await fails(`${base}/nocontent`, 'layer-unavailable', /"204 No Content"/);
  });
  it('keeps signatures to itself', async () => {
    const hidden = /sig=\[hidden\]/;
    await fails(`${base}/to-signed-file`, 'layer-unavailable', hidden);
    await fails('ftp://u:secret@host/x?sig=secret', 'bad-layer-url', hidden);
    await fails('http://127.0.0.1:1/x?sig=secret', 'layer-unavailable', hidden);
  });
  it('refuses what it cannot use', async () => {
    await fails(`${base}/loop`, 'layer-unavailable', /stopped after 5 redirects/);
    await fails(`${base}/to-file`, 'layer-unavailable', /redirect to "file:\/\/\/etc\/passwd"/);
    await fails(`${base}/html`, 'layer-unavailable', /unknown content-type "text\/html"/, {
      hash: digestOf(Buffer.from('<html>')),
    });
    await fails(`${base}/typed`, 'layer-unavailable', /mismatched compression/);
    await fails(`${base}/cut`, 'layer-unavailable', /request failed/);
    await fails(
      'http://127.0.0.1:1/x',
      'layer-unavailable',
      /^fetcher: request failed: Get "http:\/\/127.0.0.1:1\/x": connection refused by 127\.0\.0\.1:1/,
    );
    await fails(`${base}/layer`, 'bad-layer-url', /request failed/, { headers: { 'bad header': ['x'] } });
    await fails('', 'bad-layer-url', /has no uri/);
    await fails('/foo/bar', 'bad-layer-url', /Get "\/foo\/bar": unsupported protocol scheme ""/);
    await fails('ftp://host/x', 'bad-layer-url', /unsupported protocol scheme "ftp"/);
  });
  it('checks the digest over everything received', async () => {
    const hash = digestOf(Buffer.from('other'));
    await fails(
      `${base}/layer`,
      'layer-refused',
      /^fetcher: validation failed: got "[0-9a-f]{64}", expected "[0-9a-f]{64}"$/,
      { hash },
    );
    // A broken archive of the wrong digest is a broken transfer.
    await fails(`${base}/html`, 'layer-refused', /validation failed/, { hash });
  });
  it('gives up on silence', async () => {
    const timeouts = { headers: 100, idle: 100 };
    await fails(`${base}/silent`, 'layer-unavailable', /no answer within 0.1 s/, { timeouts });
    await fails(`${base}/stalls`, 'layer-unavailable', /no data for 0.1 s/, { timeouts });
  });
  it('stops at its limits and when aborted', async () => {
    await fails(`${base}/endless`, 'layer-limit', /more than 1000000 bytes to fetch/, {
      limits: { compressedBytes: 1e6 },
    });
    await fails(`${base}/layer`, 'layer-limit', /more than 1000 bytes unpacked/, {
      limits: { uncompressedBytes: 1000 },
    });
    await fails(`${base}/layer`, 'layer-limit', /more than 2 times its size/, {
      limits: { ratio: 2, ratioFrom: 1000 },
    });
    await fails(`${base}/stalls`, 'layer-unavailable', /request failed/, { signal: AbortSignal.timeout(50) });
  });
  it('stays inside in an air gap', async () => {
    assert.ok((await fetched(`${base}/layer`, { airgap: true })).equals(archive));
    await fails('http://192.0.2.1/x', 'bad-layer-url', /address is not private/, { airgap: true });
    await fails('http://[2001:db8::1]/x', 'bad-layer-url', /address is not private/, { airgap: true });
    await fails('http://169.254.169.254/latest', 'bad-layer-url', /address is not allowed/);
  });
});

describe('fetch a local layer', () => {
  const directory = mkdtempSync(join(tmpdir(), 'clair-fetch-'));
  const path = join(directory, 'image archive.tar');
  writeFileSync(path, Buffer.concat([Buffer.alloc(512, 'x'), packed, Buffer.alloc(99, 'y')]));
  after(() => rmSync(directory, { recursive: true }));
  const part = `file://${encodeURI(path)}?offset=512&length=${packed.length}`;

  it('reads a part of a file', async () => {
    assert.ok((await fetched(part, { allowLocal: true })).equals(archive));
  });
  it('is not for references of clients', () =>
    fails(part, 'bad-layer-url', /unsupported protocol scheme "file"/));
  it('refuses what is not there', async () => {
    await fails(`file://${directory}/none`, 'layer-unavailable', /cannot read .*not found/, {
      allowLocal: true,
    });
    await fails(`${part}9`, 'layer-unavailable', /bytes early/, { allowLocal: true });
    await fails(`file://${encodeURI(path)}?offset=-1`, 'layer-unavailable', /offset must be/, {
      allowLocal: true,
    });
    await fails(`file://${directory}`, 'layer-unavailable', /cannot read .*is a directory/, {
      allowLocal: true,
    });
  });
});
