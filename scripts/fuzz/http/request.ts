/** One request as it is sent: well meant, or odd in some of its parts. */
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type DescribedOperation, describe } from '../../../src/http/openapi/describe.ts';
import { jsonSchemas } from '../../../src/model/api/json-schemas.ts';
import { OPERATIONS } from '../../../src/service/operations.ts';
import type { Random } from '../mutate.ts';
import { mutateJson } from '../mutate-json.ts';
import { digest, hex, pick, sample } from './sample.ts';

export interface Request {
  /** Whose route it is; undefined: its target was made odd. */
  readonly operation: DescribedOperation | undefined;
  method: string;
  target: string;
  readonly headers: [name: string, value: string][];
  body: Buffer;
}

const operations = OPERATIONS.map(describe);
const schemas = jsonSchemas();
/** A parameter's value that nobody expects. */
const ODD_VALUES = [
  '', '%00', '%', '%zz', '%2F..%2F', '..', '.', '%ff%fe', '%ED%A0%80', '0', '-1', '1e9', '99999999999999999999', 'null', '%27%3B--',
  '%F0%9F%92%A9', '*', 'sha256:', 'sha256:g', `sha256:${'A'.repeat(64)}`, 'x'.repeat(600), '%0d%0aX-A:%20b', '{}', '[]',
]; // biome-ignore format: a table
const ODD_TARGETS = [
  '/', '//', '/../..', '*', '', '/%00', '/%', '/indexer', '/indexer/', '/matcher/api/v1', '//evil.example/..', '/indexer//api/v1/index_state',
  '/indexer/api/v1/./index_state', 'http://x/indexer/api/v1/index_state', 'https://x', 'http://', 'ftp://x/', 'evil.example:443', '?',
  '/indexer/api/v1/index_state#x', '/indexer/api/v1/index_report/%2e%2e', '/robots.txt', '/openapi/v1?x=%00', '/x y', '/\u00ff', '/\\',
  `/${'a/'.repeat(2000)}`, `/${'%61'.repeat(3000)}`, `/indexer/api/v1/index_report/${'a'.repeat(5000)}`,
]; // biome-ignore format: a table
const ODD_JSON = [
  '', ' ', '{', '[]', '{}', 'null', 'true', '1e999', '"\\ud800"', '{"hash":"\\u0000"}', '\ufeff{}', `${'['.repeat(50_000)}`,
  `${'{"a":'.repeat(20_000)}1`, `{"hash":${'9'.repeat(5000)}}`, '{"__proto__":{"hash":"x"}}', '{"hash":1,"hash":2}', "{'a':1}", '{}{}', '{}\0',
  `"${'x'.repeat(200_000)}"`, `{"layers":[${'{},'.repeat(20_000)}{}]}`, 'NaN', '<html>', '\xff\xfe{}',
]; // biome-ignore format: a table
const ODD_HEADERS: readonly [string, string][] = [
  ['Accept', '*/*;q=0'], ['Accept', 'text/html'], ['Accept', ','.repeat(3000)], ['Accept-Encoding', '*;q=0'], ['Accept-Encoding', 'zstd'],
  ['Accept-Encoding', 'gzip;q=x'], ['If-None-Match', '*'], ['If-None-Match', '"'.repeat(500)], ['Prefer', 'respond-async'],
  ['Prefer', ';;;=,'], ['Range', 'bytes=0-0'], ['Expect', '100-continue'], ['Expect', 'the-worst'], ['Upgrade', 'h2c'], ['Upgrade', 'websocket'],
  ['Connection', 'upgrade'], ['Connection', 'keep-alive, close, x'], ['TE', 'trailers'], ['Content-Type', 'x'], ['Content-Type', ''],
  ['X-Forwarded-For', '127.0.0.1'], ['X-Forwarded-Host', 'a, b'], ['Forwarded', 'for="'], ['traceparent', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-00`],
  ['traceparent', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`], ['tracestate', '='.repeat(600)], ['Cookie', 'a=b; '.repeat(500)], ['Host', 'other.test'],
  ['Host', 'a b'], ['X-\u00e9', '\u00e9'], ['X-Long', 'y'.repeat(8000)], ['HTTP2-Settings', 'AAA'], ['Keep-Alive', 'timeout=0'],
  ['X-HTTP-Method-Override', 'DELETE'],
]; // biome-ignore format: a table
const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'get',
  'X',
];

/** What is right: a good request is made of it. */
export interface Known {
  readonly token: string;
  /** Tokens that must not pass. */
  readonly oddTokens: readonly string[];
  /** That can be had. */
  readonly layer: { readonly hash: string; readonly uri: string };
}

/** A request of one of the documented operations; most parts of most requests are as they should be. */
export function requestFrom(random: Random, known: Known): Request {
  const operation = pick(random, operations);
  const rarely = (one: number): boolean => random(one) === 0;
  const query: string[] = [];
  const headers: [string, string][] = [['Host', 'fuzz.test']];
  let target = operation.path;
  for (const parameter of operation.parameters) {
    const value = rarely(4)
      ? pick(random, ODD_VALUES)
      : parameter.name === 'digest'
        ? digest(random)
        : String(sample(parameter.schema, schemas, random));
    if (parameter.in === 'path') target = target.replace(`{${parameter.name}}`, value);
    else if (parameter.in === 'query' && (parameter.required || !rarely(2))) {
      query.push(`${parameter.name}=${rarely(6) ? value : encodeURIComponent(value.toWellFormed())}`);
      if (rarely(15)) query.push(query[0]!);
    } else if (parameter.in === 'header' && rarely(3))
      headers.push([parameter.name, value.replace(/[^ -~]/g, '?')]);
  }
  if (rarely(20)) query.push(`${pick(random, ['x', '__proto__', '%00', ''])}=${pick(random, ODD_VALUES)}`);
  if (query.length > 0) target += `?${query.join('&')}`;
  const isOdd = rarely(12);
  if (isOdd) target = pick(random, ODD_TARGETS);
  if (!rarely(30)) headers.push(['Authorization', rarely(15) ? pick(random, known.oddTokens) : known.token]);
  while (rarely(4)) headers.push(pick(random, ODD_HEADERS));
  if (rarely(300)) for (let i = 0; i < 1500; i++) headers.push([`X-${i}`, hex(random, 4)]);
  return {
    operation: isOdd ? undefined : operation,
    method: rarely(20) ? pick(random, METHODS) : operation.method,
    target,
    headers,
    body: bodyOf(operation, random, known),
  };
}

function bodyOf({ body }: DescribedOperation, random: Random, { layer }: Known): Buffer {
  if (body === undefined)
    return random(20) === 0 ? Buffer.from(pick(random, ODD_JSON), 'latin1') : Buffer.alloc(0);
  if (random(8) === 0) return Buffer.from(pick(random, ODD_JSON), 'latin1');
  const isIndexed = body.schema === 'Manifest' && random(3) === 0;
  const value = isIndexed
    ? { hash: digest(random), layers: [layer] }
    : sample({ $ref: `#/x/${body.schema}` }, schemas, random);
  return Buffer.from(JSON.stringify(random(3) === 0 ? value : mutateJson(value, random)) ?? '');
}

const ENCODE: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: (bytes) => gzipSync(bytes, { level: 1 }),
  zstd: (bytes) => zstdCompressSync(bytes),
  deflate: (bytes) => deflateSync(bytes, { level: 1 }),
};
/** 20 MB of nothing, over the limit of a body. */
const BOMBS = Object.values(ENCODE).map((encode) => encode(Buffer.alloc(20_000_000)));

/** Gives it a Content-Encoding, which may lie. */
export function encodeBody(request: Request, random: Random): void {
  const coding = pick(random, Object.keys(ENCODE));
  const honest = ENCODE[coding]!(request.body);
  const body = [
    () => honest,
    () => honest,
    () => request.body,
    () => honest.subarray(0, random(honest.length + 1)),
    () => Buffer.concat([honest, Buffer.from(hex(random, 40))]),
    () => ENCODE[pick(random, Object.keys(ENCODE))]!(request.body),
    () => Buffer.from(Uint8Array.from({ length: random(20_000) }, () => random(256))),
    () => (random(20) === 0 ? pick(random, BOMBS) : honest),
  ][random(8)]!();
  request.headers.push([
    'Content-Encoding',
    random(10) === 0 ? pick(random, ['br', 'gzip, gzip', 'x', ',', 'gzip, gzip, gzip']) : coding,
  ]);
  request.body = body;
}
