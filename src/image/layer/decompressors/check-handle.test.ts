import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { handleWorks } from './check-handle.ts';
import type { Packed } from './decompressor.ts';
import { type Inside, openInside } from './handle.ts';

type WriteSync = Inside['_handle']['writeSync'];

/** Node's inside with another `writeSync`. */
function withWrite(change: (inside: Inside, write: WriteSync) => WriteSync): (kind: Packed) => Inside {
  return (kind) => {
    const inside = openInside(kind);
    const { _handle: handle, _writeState } = inside;
    const write = change(inside, (...call) => handle.writeSync(...call));
    return {
      _writeState,
      close: () => inside.close(),
      _handle: {
        writeSync: write,
        set onerror(listener: Inside['_handle']['onerror']) {
          handle.onerror = listener;
        },
      },
    };
  };
}

const OTHERS: Readonly<Record<string, (kind: Packed) => Inside>> = {
  'is not there': () => ({ close() {} }) as unknown as Inside,
  'has no writeSync': (kind) => ({ ...openInside(kind), _handle: {} }) as unknown as Inside,
  throws: withWrite(() => () => {
    throw new TypeError('other arguments');
  }),
  'does nothing yet': withWrite(() => () => {}),
  'tells no progress': withWrite(({ _writeState }, write) => (...call) => {
    write(...call);
    _writeState.set([0, 0]);
  }),
  'tells more than there was': withWrite(({ _writeState }, write) => (...call) => {
    write(...call);
    _writeState[1] = 2 ** 20;
  }),
  'tells progress the other way round': withWrite(({ _writeState }, write) => (...call) => {
    write(...call);
    _writeState.reverse();
  }),
  'gives other bytes': withWrite((_, write) => (...call) => {
    write(...call);
    call[4].fill(0, call[5]);
  }),
  'stops after the first member': withWrite(({ _writeState }, write) => {
    let taken = 0;
    return (flush, input, at, length, output, outAt, outLength) => {
      const most = Math.max(0, Math.min(length, 19 - taken));
      write(flush, input, at, most, output, outAt, outLength);
      taken += most - _writeState[1]!;
      _writeState[1]! += length - most;
    };
  }),
  'overlooks what follows': withWrite(({ _writeState }, write) => (...call) => {
    const [, input, at, length] = call;
    const end = input.indexOf('behind it', at);
    write(call[0], input, at, end >= at && end < at + length ? end - at : length, call[4], call[5], call[6]);
    if (end >= at) _writeState[1] = 0;
  }),
  'is silent about errors': (kind) => {
    const inside = openInside(kind);
    inside._handle.onerror = () => {};
    return {
      _writeState: inside._writeState,
      close: () => inside.close(),
      _handle: { writeSync: (...call) => inside._handle.writeSync(...call), onerror() {} },
    };
  },
};

for (const kind of ['gzip', 'zstd'] as const) {
  describe(`the handle of ${kind}`, () => {
    it("is used if it is Node's of today", () => assert.equal(handleWorks(kind), true));
    for (const [what, open] of Object.entries(OTHERS)) {
      it(`is not used if it ${what}`, () => assert.equal(handleWorks(kind, open), false));
    }
  });
}
