import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseTraceContext, randomId, traceHeadersOf } from './trace-context.ts';
import { type Span, traced, traceHeaders, within, workFields } from './work-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const HEADER = `00-${TRACE}-${SPAN}-01`;

describe('parseTraceContext', () => {
  const good = { traceId: TRACE, spanId: SPAN, sampled: true };
  const cases: [string | undefined, object | undefined][] = [
    [HEADER, good],
    [`00-${TRACE}-${SPAN}-00`, { ...good, sampled: false }],
    [`00-${TRACE}-${SPAN}-03`, good],
    [`cc-${TRACE}-${SPAN}-01-more`, good],
    [`00-${TRACE}-${SPAN}-01-more`, undefined],
    [`ff-${TRACE}-${SPAN}-01`, undefined],
    [`00-${TRACE.toUpperCase()}-${SPAN}-01`, undefined],
    [`00-${'0'.repeat(32)}-${SPAN}-01`, undefined],
    [`00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
    [`00-${TRACE}-${SPAN}`, undefined],
    ['nonsense', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [header, want] of cases) {
    it(`${header}`, () => assert.deepEqual(parseTraceContext(header), want));
  }
  it('hands on what others say of it, within bounds', () => {
    assert.equal(parseTraceContext(HEADER, 'a=1,b=2')?.state, 'a=1,b=2');
    assert.equal(parseTraceContext(HEADER, 'x'.repeat(513))?.state, undefined);
    assert.equal(parseTraceContext(HEADER, 'a\r\nb')?.state, undefined);
  });
  it('reads what it writes, and any text', () => {
    fc.assert(
      fc.property(fc.boolean(), (sampled) => {
        const context = { traceId: randomId(16), spanId: randomId(8), sampled };
        assert.deepEqual(parseTraceContext(traceHeadersOf(context).traceparent), context);
      }),
    );
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => void parseTraceContext(a, b)));
  });
});

describe('traced', () => {
  interface Noted {
    readonly name: string;
    error?: string;
  }
  function spanNoting(notes: Noted[], name = 'root', spanId = SPAN): Span {
    const note: Noted = { name };
    notes.push(note);
    return {
      context: { traceId: TRACE, spanId, sampled: true },
      set() {},
      end: (error) => void (note.error = error ?? ''),
      child: (inner) => spanNoting(notes, inner, inner.padStart(16, '0')),
    };
  }

  it('does nothing without a request', async () => {
    assert.equal(await traced('a', {}, async (span) => span), undefined);
    assert.deepEqual(traceHeaders(), {});
    assert.equal(workFields(), undefined);
  });

  it('makes spans within each other, and names them to others', async () => {
    const notes: Noted[] = [];
    const span = spanNoting(notes);
    await within({ requestId: 'r', trace: span.context, span }, () =>
      traced('a', {}, async () => {
        assert.equal(traceHeaders().traceparent, `00-${TRACE}-${'a'.padStart(16, '0')}-01`);
        assert.deepEqual(workFields(), { request_id: 'r', TraceID: TRACE, SpanID: 'a'.padStart(16, '0') });
        await assert.rejects(
          traced('b', {}, () => Promise.reject(new Error('no'))),
          /no/,
        );
      }),
    );
    assert.deepEqual(notes, [{ name: 'root' }, { name: 'a', error: '' }, { name: 'b', error: 'no' }]);
  });

  it('hands a trace on that is not recorded', () => {
    const trace = { traceId: TRACE, spanId: SPAN, sampled: false };
    within({ requestId: TRACE, trace }, () => {
      assert.equal(traceHeaders().traceparent, `00-${TRACE}-${SPAN}-00`);
      assert.deepEqual(workFields(), { request_id: TRACE });
    });
  });
});
