/** That the rules of the API suites excuse what they are for, and nothing else. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeAnswer } from './api/judge.ts';
import { toOurs, toRecorded } from './api/names.ts';
import type { Answer, Recorded } from './api/recorded.ts';

const PATH = '/indexer/api/v1/index_state';

function recorded(more: Partial<Recorded> = {}, request: Partial<Recorded['request']> = {}): Recorded {
  return {
    name: 'case',
    request: { method: 'GET', path: PATH, headers: {}, body: null, version: 'HTTP/1.1', ...request },
    status: 200,
    headers: [['Content-Type', 'application/json']],
    complete: true,
    body: { state: 'x' },
    ...more,
  };
}

function ours(more: Partial<Answer> = {}): Answer {
  return {
    status: 200,
    headers: new Map([['content-type', ['application/json']]]),
    complete: true,
    body: { state: 'x' },
    ...more,
  };
}

describe('answers of the API', () => {
  const type = (value: string) => new Map([['content-type', [value]]]);
  const error = { code: 'internal-error', message: 'x' };
  const list = { 'If-None-Match': '"a", "b"' };
  const cases: [string, Recorded, Answer, 'equal' | 'better' | 'wrong'][] = [
    ['the same', recorded(), ours(), 'equal'],
    ['another status', recorded(), ours({ status: 500 }), 'wrong'],
    ['a status that only HEAD may have', recorded({ status: 405 }), ours(), 'wrong'],
    ['HEAD', recorded({ status: 405 }, { method: 'HEAD' }), ours(), 'better'],
    ['a failure of HEAD', recorded({ status: 405 }, { method: 'HEAD' }), ours({ status: 500 }), 'wrong'],
    ['another body', recorded(), ours({ body: { state: 'y' } }), 'wrong'],
    ['half a body', recorded(), ours({ complete: false }), 'wrong'],
    ['another ETag', recorded({ headers: [['Etag', '"1"']] }), ours(), 'wrong'],
    ['a list that matches', recorded({}, { headers: list }), ours({ status: 304, body: '' }), 'better'],
    ['304 to who has nothing', recorded(), ours({ status: 304, body: '' }), 'wrong'],
    [
      'a type that was guessed',
      recorded({ headers: [['Content-Type', 'text/plain; charset=utf-8']] }),
      ours(),
      'better',
    ],
    ['a type that is guessed now', recorded(), ours({ headers: type('text/plain; charset=utf-8') }), 'wrong'],
    [
      'nonsense in Accept',
      recorded({ status: 500, body: '' }, { headers: { Accept: 'garbage' } }),
      ours({ status: 415, body: error }),
      'better',
    ],
    [
      'a good type that is refused',
      recorded({}, { headers: { Accept: 'application/json' } }),
      ours({ status: 415, body: error }),
      'wrong',
    ],
    [
      'another word',
      recorded({ status: 400, body: { ...error, message: 'y' } }),
      ours({ status: 400, body: error }),
      'better',
    ],
    [
      'another code',
      recorded({ status: 400, body: { ...error, code: 'y' } }),
      ours({ status: 400, body: error }),
      'wrong',
    ],
    ['who is let in', recorded({ status: 401, body: '' }), ours(), 'wrong'],
    ['who is kept out', recorded(), ours({ status: 401, body: '' }), 'wrong'],
  ];
  for (const [what, golden, mine, want] of cases) {
    it(`${what}: ${want}`, () => assert.equal(judgeAnswer(golden, mine).verdict, want));
  }

  it('have names of their own', () => {
    const names = new Map([['aaaa', 'bbbb']]);
    assert.equal(toOurs(recorded({}, { path: '/x/aaaa' }), names).request.path, '/x/bbbb');
    const back = toRecorded(
      ours({ body: { state: 'bbbb' }, headers: new Map([['etag', ['"bbbb"']]]) }),
      names,
    );
    assert.deepEqual([back.body, back.headers.get('etag')], [{ state: 'aaaa' }, ['"aaaa"']]);
  });
});
