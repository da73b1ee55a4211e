import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { together } from './together.ts';

const never = new AbortController().signal;
const untilAborted = async (signal: AbortSignal): Promise<never> => {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
};
const fails = async (): Promise<never> => {
  throw new Error('broken');
};

describe('two things together', () => {
  it('gives what both give', async () => {
    assert.deepEqual(
      await together(
        never,
        async () => 1,
        async () => false,
      ),
      [1, false],
    );
    assert.deepEqual(
      await together(
        never,
        async () => undefined,
        async () => 'b',
      ),
      [undefined, 'b'],
    );
  });
  it('stops the other one, waits for it, and throws the first failure', async () => {
    let stopped = false;
    const slow = (signal: AbortSignal) =>
      untilAborted(signal).catch(() => {
        stopped = true;
        throw new Error('second failure');
      });
    await assert.rejects(together(never, fails, slow), /broken/);
    assert.ok(stopped);
    stopped = false;
    await assert.rejects(together(never, slow, fails), /broken/);
    assert.ok(stopped);
  });
  it('passes the end on to both', async () => {
    const stop = new AbortController();
    const both = assert.rejects(together(stop.signal, untilAborted, untilAborted), /interrupted/);
    stop.abort(new Error('interrupted'));
    await both;
  });
});
