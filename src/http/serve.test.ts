import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { noLog } from '../lib/log.ts';
import { DIGEST, operation, optionalParameter, parameter, readUuid } from './operation.ts';
import { serve, servedOperations } from './serve.ts';
import { createServer } from './server.ts';

const UUID = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
const HASH = `sha256:${'a'.repeat(64)}`;

const ABOUT = { tag: 'about', summary: '' } as const;
const PAGE = operation({
  ...ABOUT,
  method: 'GET',
  path: '/thing/{digest}',
  id: 'page',
  params: { digest: DIGEST },
  query: {
    id: parameter(
      { type: 'string' },
      readUuid((value) => `id: ${JSON.stringify(value)}`),
    ),
    size: optionalParameter({ type: 'integer' }, 5, (text) => {
      if (text === '0') throw new AppError('bad-request', 'size: 0');
      return Number(text);
    }),
    kind: z.enum(['a', 'b']).optional(),
  },
  answers: { 200: { description: '', types: ['text/a', 'text/b'] } },
  errors: { 'bad-request': true, 'not-acceptable': true },
});
const REMOVE = operation({
  ...ABOUT,
  method: 'DELETE',
  path: '/thing/{digest}',
  id: 'remove',
  params: { digest: DIGEST },
  answers: { 200: { description: '', types: ['text/a'] } },
});
const PUSH = operation({
  ...ABOUT,
  method: 'POST',
  path: '/thing/{id}/push',
  id: 'push',
  params: { id: parameter({ type: 'string' }, String) },
  answers: { 200: { description: '' } },
});

describe('what an operation says', () => {
  const app = createServer({ log: noLog });
  serve(app, PAGE, async (_, reply, input) => {
    const { type } = input;
    const { size, id, kind } = input.query;
    return reply.type(type).send([input.params.digest.slice(0, 8), id, size, kind].join(' '));
  });
  serve(app, REMOVE, async (_, reply, { params, type }) => reply.type(type).send(params.digest.slice(0, 8)));
  serve(app, PUSH, async (_, reply, { params, type }) => reply.type(type).send(JSON.stringify(params.id)));

  const cases: [
    method: 'GET' | 'HEAD' | 'DELETE' | 'POST' | 'PUT',
    url: string,
    accept: string,
    want: string,
  ][] = [
    ['GET', `/thing/${HASH}?id=${UUID}`, '', `200 text/a sha256:a ${UUID} 5 `],
    [
      'GET',
      `/thing/x/${HASH}/?id=urn:uuid:${UUID}&size=7&kind=b&more=1`,
      'text/b',
      `200 text/b sha256:a ${UUID} 7 b`,
    ],
    ['GET', `/thing/${HASH}?id=${UUID}&size=`, 'text/b;q=0.1', `200 text/b sha256:a ${UUID} 5 `],
    ['HEAD', `/thing/${HASH}?id=${UUID}`, '', '200 text/a '],
    ['GET', `/thing/${HASH}`, '', '400 id: undefined'],
    ['GET', `/thing/${HASH}?id=1`, '', '400 id: "1"'],
    ['GET', `/thing/${HASH}?id=${UUID}&id=${UUID}`, '', `400 id: ["${UUID}","${UUID}"]`],
    ['GET', `/thing/${HASH}?id=${UUID}&size=0`, '', '400 size: 0'],
    ['GET', `/thing/${HASH}?id=${UUID}&kind=c`, '', '400 kind: expected one of "a"|"b"'],
    ['GET', `/thing/?id=${UUID}`, '', '400 '],
    // The handler wants the type first.
    ['GET', '/thing/nothing', 'text/c', '415 no acceptable media type: offering text/a, text/b'],
    // An operation that cannot fail with it does not look at Accept.
    ['DELETE', `/thing/${HASH}`, 'text/c', '200 text/a sha256:a'],
    ['DELETE', '/thing/1', '', '400 '],
    ['POST', '/thing/a%2Fb/push', '', '200 application/json "a/b"'],
    ['PUT', `/thing/${HASH}`, '', '405 endpoint only allows GET, HEAD, DELETE, not PUT'],
    ['GET', '/thing/1/push', '', '405 endpoint only allows POST, not GET'],
  ];
  for (const [method, url, accept, want] of cases) {
    it(`${method} ${url} ${accept} -> ${want}`, async () => {
      const answer = await app.inject({ method, url, headers: accept === '' ? {} : { accept } });
      const { statusCode: status, headers, body } = answer;
      const text = status === 200 ? `${headers['content-type']} ${body}` : answer.json().message;
      const got = `${status} ${text}`;
      if (want.endsWith('400 ')) assert.ok(got.startsWith(want), got);
      else assert.equal(got.replaceAll('; charset=utf-8', ''), want);
    });
  }

  it('is known of each server', () => {
    assert.deepEqual(servedOperations(app), [PAGE, REMOVE, PUSH]);
    assert.deepEqual(servedOperations(createServer({ log: noLog })), []);
  });
});
