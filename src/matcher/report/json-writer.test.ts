import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type JsonWriter, writeJson } from './json-writer.ts';

type Value = string | { [key: string]: Value };

function writeValue(out: JsonWriter, value: Value, asBytes: boolean): void {
  if (typeof value === 'string') {
    const json = JSON.stringify(value);
    if (asBytes) out.bytes(Buffer.from(json));
    else out.text(json);
    return;
  }
  out.open();
  for (const [key, member] of Object.entries(value)) {
    out.key(key);
    writeValue(out, member, !asBytes);
  }
  out.close();
}

describe('writing JSON in pieces', () => {
  it('gives what JSON.stringify gives', () => {
    const { value } = fc.letrec<{ value: Value }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'binary', maxLength: 50 }),
        fc.dictionary(fc.string({ unit: 'binary' }), tie('value') as fc.Arbitrary<Value>, { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(value, fc.boolean(), (value, asBytes) => {
        const written = writeJson((out) => writeValue(out, value, asBytes));
        assert.equal(written.toString(), JSON.stringify(value));
      }),
      { numRuns: 300 },
    );
  });
  it('grows to any size, and starts afresh', () => {
    const wide = 'ü'.repeat(1000);
    for (const count of [1, 12_000, 2]) {
      const written = writeJson((out) => {
        for (let n = 0; n < count; n++) out.text(wide);
      });
      assert.ok(written.equals(Buffer.from(wide.repeat(count))));
    }
  });
  it('goes on after a failure', () => {
    assert.throws(() => writeJson((out) => out.text(undefined as never)));
    assert.equal(writeJson((out) => out.key(1)).toString(), '"1":');
  });
  it('keeps the text of a call from one that is made within it', () => {
    const within = (depth: number): Buffer =>
      writeJson((out) => {
        out.text('['.padEnd(70_000));
        if (depth > 0) out.bytes(within(depth - 1));
        out.text(`"${depth}"]`);
      });
    assert.equal(within(3).toString().replaceAll(' ', ''), '[[[["0"]"1"]"2"]"3"]');
  });
  it('takes nothing from a writer whose text is done', () => {
    let kept: JsonWriter | undefined;
    writeJson((out) => {
      kept = out;
      out.text('1');
    });
    const later = writeJson((out) => {
      out.text('2');
      for (const write of [() => kept?.text('x'), () => kept?.key('x'), () => kept?.bytes(Buffer.from('x'))])
        assert.throws(write, /written already/);
      out.text('3');
    });
    assert.equal(later.toString(), '23');
  });
});
