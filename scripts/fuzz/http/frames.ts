/** Connections of HTTP/2 as bytes: frames by the specification (RFC 9113), and frames that are invalid, damaged, or far too many. */
import { mutate, type Random } from '../mutate.ts';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

const TYPE = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  promise: 5,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
} as const;
const END_STREAM = 1;
const END_HEADERS = 4;
const INTERESTING = [0, 1, 2, 3, 255, 16_384, 65_535, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const PATHS = [
  '/indexer/api/v1/index_state',
  `/indexer/api/v1/index_report/sha256:${'f'.repeat(64)}`,
  '/matcher/api/v1/internal/update_diff',
  '/openapi/v1',
  '*',
  '/%00',
  '',
];

export interface Conversation {
  readonly pieces: readonly Buffer[];
  readonly end: 'wait' | 'half-close' | 'reset';
}

/** What one client sends. */
export function conversationFrom(random: Random, token: string): Conversation {
  const frames = [settings(random), ...manyFrames(random, token)];
  const start = random(20) === 0 ? PREFACE.subarray(0, random(PREFACE.length)) : PREFACE;
  const whole = Buffer.concat([start, ...frames]);
  const bytes = random(3) === 0 ? mutate([whole], random) : whole;
  const cut = random(bytes.length + 1);
  const pieces = random(2) === 0 ? [bytes] : [bytes.subarray(0, cut), bytes.subarray(cut)];
  return { pieces, end: (['wait', 'wait', 'half-close', 'reset'] as const)[random(4)]! };
}

/** Some of all kinds, or thousands of one kind: each flood has ended some server. */
function manyFrames(random: Random, token: string): Buffer[] {
  if (random(10) > 0) return Array.from({ length: 1 + random(12) }, () => anyFrame(random, token));
  const count = 500 + random(5000);
  const id = (index: number): number => 2 * index + 1;
  const get = block(fieldsOf(random, token));
  const floods: ((index: number) => Buffer)[] = [
    () => frame(TYPE.ping, 0, 0, Buffer.alloc(8)),
    () => frame(TYPE.settings, 0, 0, Buffer.alloc(0)),
    () => frame(TYPE.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, 1])),
    () => frame(TYPE.window, 0, 0, uint32(1)),
    () => frame(TYPE.data, 0, 1, Buffer.alloc(0)),
    (index) => frame(TYPE.priority, 0, id(index), Buffer.from([0, 0, 0, 0, 1])),
    (index) => Buffer.concat([frame(TYPE.headers, END_STREAM | END_HEADERS, id(index), get), frame(TYPE.reset, 0, id(index), uint32(8))]),
    (index) => frame(TYPE.headers, END_STREAM | END_HEADERS, id(index), get),
    (index) => frame(index === 0 ? TYPE.headers : TYPE.continuation, 0, 1, index === 0 ? get : Buffer.alloc(0)),
    (index) => frame(index === 0 ? TYPE.headers : TYPE.continuation, 0, 1, index === 0 ? get : literal(`x-${index}`, 'y'.repeat(200))),
    // One large field in the table of the connection, named again and again.
    (index) => frame(TYPE.headers, END_STREAM | END_HEADERS, id(index), index === 0 ? indexed('x', 'y'.repeat(3000)) : Buffer.concat([get, Buffer.alloc(1000, 0xbe)])),
  ]; // biome-ignore format: a table
  const flood = floods[random(floods.length)]!;
  return Array.from({ length: count }, (_, index) => flood(index));
}

function anyFrame(random: Random, token: string): Buffer {
  const id = random(4) === 0 ? INTERESTING[random(INTERESTING.length)]! : 2 * random(10) + 1;
  const noise = Buffer.from(Array.from({ length: random(40) }, () => random(256)));
  switch (random(12)) {
    case 0:
    case 1:
    case 2:
      return frame(TYPE.headers, random(3) === 0 ? random(256) : END_HEADERS | random(2), id, headerBlock(random, token));
    case 3:
      return frame(TYPE.continuation, random(2) * END_HEADERS, id, headerBlock(random, token));
    case 4:
      return frame(TYPE.data, random(2) === 0 ? random(256) : END_STREAM, id, Buffer.alloc(random(20_000), 97));
    case 5:
      return settings(random);
    case 6:
      return frame(TYPE.window, 0, random(2) * id, uint32(INTERESTING[random(INTERESTING.length)]!));
    case 7:
      return frame(TYPE.reset, 0, id, uint32(random(16)));
    case 8:
      return frame(TYPE.ping, random(2), 0, Buffer.alloc(random(4) === 0 ? random(20) : 8, 1));
    case 9:
      return frame(TYPE.goaway, 0, 0, Buffer.concat([uint32(id), uint32(random(16)), noise]));
    case 10:
      return frame(TYPE.promise, END_HEADERS, id, Buffer.concat([uint32(2), noise]));
    default:
      return frame(random(256), random(256), id, noise);
  }
} // biome-ignore format: a case a line

function headerBlock(random: Random, token: string): Buffer {
  const good = block(fieldsOf(random, token));
  return random(3) === 0 ? mutate([good], random) : good;
}

function fieldsOf(random: Random, token: string): [string, string][] {
  const fields: [string, string][] = [
    [':method', ['GET', 'GET', 'POST', 'DELETE', 'CONNECT', 'PRI'][random(6)]!],
    [':scheme', 'http'],
    [':path', PATHS[random(PATHS.length)]!],
    [':authority', 'localhost'],
    ['authorization', random(4) === 0 ? 'Bearer x' : token],
  ];
  const odd: [string, string][] = [
    ['content-length', String(random(1000))],
    ['transfer-encoding', 'chunked'],
    ['connection', 'close'],
    ['Upper', 'case'],
    [':path', '/twice'],
    ['x\0', '\r\nz: 1'],
    ['host', 'another'],
    ['expect', '100-continue'],
    ['cookie', 'a'.repeat(random(20_000))],
  ];
  while (random(3) === 0) fields.splice(random(fields.length + 1), random(2), odd[random(odd.length)]!);
  return fields;
}

function settings(random: Random): Buffer {
  const pairs = Array.from({ length: random(8) }, () => {
    const pair = Buffer.alloc(6);
    pair.writeUInt16BE(1 + random(8));
    pair.writeUInt32BE(INTERESTING[random(INTERESTING.length)]!, 2);
    return pair;
  });
  return frame(TYPE.settings, 0, 0, Buffer.concat(random(3) === 0 ? pairs : []));
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** HPACK (RFC 7541 §6.2): fields that no table remembers. */
function block(fields: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(fields.map(([name, value]) => literal(name, value)));
}

function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.of(0), text(name), text(value)]);
}

/** One that the table of the connection remembers. */
function indexed(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.of(0x40), text(name), text(value)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = [Math.min(bytes.length, 127)];
  for (let rest = bytes.length - 127; rest >= 0; rest = Math.floor(rest / 128)) {
    length.push(rest >= 128 ? (rest % 128) | 128 : rest);
    if (rest < 128) break;
  }
  return Buffer.concat([Buffer.from(length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
