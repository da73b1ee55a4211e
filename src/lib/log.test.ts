import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assertNoSquare } from './growth.fixture.ts';
import { createLog, type LogLevel, type LogOptions } from './log.ts';
import { redact, redactFields } from './redact.ts';
import { within } from './work-context.ts';

function logged(level: LogLevel = 'info', options: LogOptions = {}) {
  const lines: string[] = [];
  return { lines, log: createLog(level, { ...options, write: (line) => lines.push(line) }) };
}

describe('createLog', () => {
  it('writes a JSON object a line, with the words of Clair', () => {
    const { lines, log } = logged();
    log.debug('not this');
    log.warn('feed failed', { feed: 'alpine', rows: 3 });
    assert.equal(lines.length, 1);
    assert.match(
      lines[0] ?? '',
      /^\{"level":"WARN","time":"\d{4}-\d\d-\d\dT[\d:.]+Z","msg":"feed failed",.*\}\n$/,
    );
    assert.partialDeepStrictEqual(JSON.parse(lines[0] ?? ''), { feed: 'alpine', rows: 3 });
  });

  it('names the request', () => {
    const { lines, log } = logged();
    within({ requestId: 'abc' }, () => log.info('done'));
    assert.equal(JSON.parse(lines[0] ?? '').request_id, 'abc');
  });

  it('writes prose, in colours if wanted, and nothing that steers a terminal', () => {
    const plain = logged('debug', { prose: true });
    plain.log.info('feed done', { feed: 'alpine', reason: 'a\u001b[31m b', list: [1] });
    assert.match(
      plain.lines[0] ?? '',
      /^\d\d:\d\d:\d\d\.\d{3} INFO {2}feed done {2}feed=alpine {2}reason="a\\u001b\[31m b" {2}list=\[1\]\n$/,
    );
    const painted = logged('debug', { prose: true, color: true });
    painted.log.error('x');
    assert.ok(painted.lines[0]?.includes('\u001b[31mERROR\u001b[0m'));
    const silent = logged('silent', { prose: true });
    silent.log.error('x');
    assert.deepEqual(silent.lines, []);
  });

  it('hides secrets', () => {
    const { lines, log } = logged();
    log.info('asked', {
      authorization: 'Bearer abcdefghijk',
      reason: 'postgres://clair:s3cret@db/x failed',
      headers: { Authorization: ['Basic Zm9vOmJhcg=='], accept: 'x' },
    });
    assert.doesNotMatch(lines[0] ?? '', /abcdefghijk|s3cret|Zm9v/);
    assert.match(lines[0] ?? '', /"accept":"x"/);
  });
});

describe('redact', () => {
  const cases: [string, string][] = [
    ['nothing = here @ all', 'nothing = here @ all'],
    ['https://u:p@host/path?a=1', 'https://[hidden]@host/path?a=1'],
    ['amqp://guest:guest@mq:5672/', 'amqp://[hidden]@mq:5672/'],
    ['https://s3/x?X-Amz-Signature=abc&X-Amz-Date=1', 'https://s3/x?X-Amz-Signature=[hidden]&X-Amz-Date=1'],
    ['/matcher?token=abc', '/matcher?token=[hidden]'],
    [
      'https://cdn/x?Expires=1&Signature=a&Key-Pair-Id=b',
      'https://cdn/x?Expires=1&Signature=[hidden]&Key-Pair-Id=[hidden]',
    ],
    ['https://blob/x?sv=1&skt=2&my_sig=abc', 'https://blob/x?sv=1&skt=2&my_sig=[hidden]'],
    ['primary_key=7 my_sig=8', 'primary_key=7 my_sig=8'],
    ["host=db password='a b' user=c", 'host=db password=[hidden] user=c'],
    ['authorization: Bearer eyJhbGciOi.eyJpc3Mi.c2ln', 'authorization: Bearer [hidden]'],
    ['a token eyJhbGciOi.eyJpc3Mi.c2ln here', 'a token [hidden] here'],
    ['sha256:abc?kind=vulnerability&latest=true', 'sha256:abc?kind=vulnerability&latest=true'],
  ];
  for (const [text, want] of cases) it(text, () => assert.equal(redact(text), want));

  it('takes any text and any value, in time', () => {
    fc.assert(fc.property(fc.string(), (text) => void redact(text)));
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.anything()), (fields) => void redactFields(fields)));
    for (const piece of ['a=', 'a://', '@', 'bearer ', 'eyJ', 'eyJaaaaa.', '"', 'x'])
      assertNoSquare((size) => redact(piece.repeat(size)), 10_000 / piece.length);
  });
});
