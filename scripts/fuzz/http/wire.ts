/** A request as bytes, in pieces: framed as it should be, or not; sent whole, late, in part, or broken off. */
import { mutate, type Random } from '../mutate.ts';
import type { Request } from './request.ts';
import { pick } from './sample.ts';

export interface Sent {
  readonly pieces: readonly Buffer[];
  /** ms between two pieces. */
  readonly pause: number;
  /** What the client does when all is sent. */
  readonly end: 'wait' | 'half-close' | 'reset' | 'silence';
  /** Whether an answer must come: what was sent is a whole request, or ends with the connection. */
  readonly isWhole: boolean;
}

const CRLF = '\r\n';

/** How a body is framed, and whether that is how a body should be. */
function frame(
  body: Buffer,
  random: Random,
): { readonly fields: string[]; readonly bytes: Buffer; readonly isRight: boolean } {
  const { length } = body;
  const chunks = (size: (part: Buffer) => string, last = '0\r\n\r\n'): Buffer => {
    const half = random(length + 1);
    const parts = [body.subarray(0, half), body.subarray(half)].filter((part) => part.length > 0);
    return Buffer.concat([
      ...parts.flatMap((part) => [Buffer.from(size(part) + CRLF), part, Buffer.from(CRLF)]),
      Buffer.from(last),
    ]);
  };
  const size = (part: Buffer): string => part.length.toString(16);
  const right = [
    () => ({ fields: length === 0 && random(2) === 0 ? [] : [`Content-Length: ${length}`], bytes: body }),
    () => ({ fields: ['Transfer-Encoding: chunked'], bytes: chunks(size) }),
    () => ({
      fields: ['Transfer-Encoding: chunked'],
      bytes: chunks((part) => `${size(part)};x="y"`, '0\r\nX-Trailer: a\r\n\r\n'),
    }),
  ];
  const wrong = [
    () => ({ fields: [`Content-Length: ${length + 1 + random(100_000)}`], bytes: body }),
    () => ({ fields: [`Content-Length: ${random(length + 1)}`], bytes: body }),
    () => ({ fields: [`Content-Length: ${length}`, `Content-Length: ${length + 1}`], bytes: body }),
    () => ({ fields: [`Content-Length: ${length}, ${length}`], bytes: body }),
    () => ({
      fields: [
        `Content-Length: ${pick(random, ['-1', '+5', '0x5', '', ' ', '99999999999999999999', '16777217', '1e3'])}`,
      ],
      bytes: body,
    }),
    () => ({ fields: [`Content-Length: ${length}`, 'Transfer-Encoding: chunked'], bytes: chunks(size) }),
    () => ({
      fields: [
        `Transfer-Encoding: ${pick(random, ['gzip', 'chunked, chunked', 'gzip, chunked', 'xchunked', ' chunked', 'identity'])}`,
      ],
      bytes: chunks(size),
    }),
    () => ({
      fields: ['Transfer-Encoding: chunked'],
      bytes: chunks(() => pick(random, ['ffffffffffffffff', '-1', 'g', '', '0x5', '7fffffff', ' 5'])),
    }),
    () => ({
      fields: ['Transfer-Encoding: chunked'],
      bytes: chunks(size, pick(random, ['', '0', '0\r\n', '0\r\nX: y\r\n'])),
    }),
    () => ({ fields: ['Transfer-Encoding : chunked'], bytes: chunks(size) }),
  ];
  return random(10) === 0
    ? { ...pick(random, wrong)(), isRight: false }
    : { ...pick(random, right)(), isRight: true };
}

/** The bytes of `request`, and how they are sent. */
export function toWire({ method, target, headers, body }: Request, random: Random): Sent {
  const { fields, bytes, isRight } = frame(body, random);
  const version =
    random(40) === 0
      ? pick(random, ['HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/1.2', 'http/1.1', ''])
      : 'HTTP/1.1';
  const lines = [...headers.map(([name, value]) => `${name}: ${value}`), ...fields, 'Connection: close'];
  if (random(60) === 0)
    lines.splice(
      random(lines.length),
      0,
      pick(random, [' folded', 'X-A : 1', 'no colon', ': empty', 'X-A: \0', 'X-A: \x7f', 'X-\u00ff: 1']),
    );
  const newline = random(60) === 0 ? '\n' : CRLF;
  const head = Buffer.from([`${method} ${target} ${version}`, ...lines, '', ''].join(newline), 'latin1');
  let whole: Buffer = Buffer.concat([head, bytes]);
  const sound = whole;
  if (random(25) === 0) whole = mutate([whole], random);
  else if (random(60) === 0)
    whole = Buffer.concat([whole, whole]); // the next one before the answer to the first
  else if (random(200) === 0)
    whole = Buffer.from(
      pick(random, [
        '\x16\x03\x01\x02\x00',
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
        '\r\n\r\n',
        'GET /\r\n',
        '\0'.repeat(500),
      ]),
      'latin1',
    );
  const isDamaged = !isRight || whole !== sound || newline !== CRLF || version !== 'HTTP/1.1';
  const isCut = random(12) === 0;
  if (isCut) whole = whole.subarray(0, random(whole.length + 1));
  return {
    pieces: cut(whole, random),
    pause: random(8) === 0 ? random(30) : 0,
    end: endOf(isCut, isDamaged, random),
    isWhole: !isCut && !isDamaged,
  };
}

/** Silence is given up by the service after a minute: a few of them are enough. */
function endOf(isCut: boolean, isDamaged: boolean, random: Random): Sent['end'] {
  if (isCut && random(200) === 0) return 'silence';
  if (isCut || isDamaged) return random(3) === 0 ? 'reset' : 'half-close';
  return random(15) === 0 ? pick(random, ['half-close', 'reset'] as const) : 'wait';
}

function cut(bytes: Buffer, random: Random): Buffer[] {
  const places = Array.from({ length: random(3) === 0 ? random(6) : 0 }, () => random(bytes.length + 1)).sort(
    (a, b) => a - b,
  );
  return [0, ...places]
    .map((from, i) => bytes.subarray(from, places[i] ?? bytes.length))
    .filter((piece) => piece.length > 0);
}
