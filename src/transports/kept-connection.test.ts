import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BrokerConnection, keepConnection } from './kept-connection.ts';
import { createLifeline } from './lifeline.ts';

const ONE = { addresses: ['a'], nameOf: (address: string) => address } as const;
const soon = (): AbortSignal => AbortSignal.timeout(5000);

function connection(): BrokerConnection {
  const line = createLifeline();
  return { line, close: async () => line.cut(new Error('closed')) };
}

describe('a lifeline', () => {
  it('ends every wait with the first reason', async () => {
    const line = createLifeline();
    const never = new Promise<void>(() => {});
    const waits = [1, 2].map(() => line.wait(never, { timeout: 5000, what: 'nothing comes' }));
    const results = Promise.allSettled(waits);
    let cuts = 0;
    line.onCut(() => cuts++);
    line.cut(new Error('first'));
    line.cut(new Error('second'));
    for (const result of await results)
      assert.match(String((result as PromiseRejectedResult).reason), /first/);
    await assert.rejects(line.wait(never, { timeout: 5000, what: 'nothing comes' }), /first/);
    line.onCut(() => cuts++);
    assert.equal(cuts, 2);
  });

  it('ends a wait in time, and lets the others wait on', async () => {
    const line = createLifeline();
    const never = new Promise<void>(() => {});
    await assert.rejects(
      line.wait(never, { timeout: 20, what: 'the tea is not ready' }),
      /the tea is not ready within 1 s/,
    );
    assert.equal(await line.wait(sleep(5, 'tea'), { timeout: 5000, what: '' }), 'tea');
    assert.equal(line.failure, undefined);
  });
});

describe('a kept connection', () => {
  it('is opened once, however many ask, and again after it broke', async () => {
    const opened: BrokerConnection[] = [];
    await using kept = keepConnection({
      ...ONE,
      async connect() {
        await sleep(5);
        opened.push(connection());
        return opened.at(-1)!;
      },
    });
    const both = await Promise.all([kept.get(soon()), kept.get(soon())]);
    assert.equal(both[0], both[1]);
    assert.equal(await kept.get(soon()), both[0]);
    opened[0]!.line.cut(new Error('broken'));
    assert.notEqual(await kept.get(soon()), both[0]);
    assert.equal(opened.length, 2);
  });

  it('tries addresses in order, and tells what is wrong with each', async () => {
    const tried: string[] = [];
    const addresses = ['amqp://user:secret@one:1/x', 'two:2'];
    await using kept = keepConnection<string, BrokerConnection>({
      addresses,
      nameOf: (address) => address.replace(/.*@/, ''),
      async connect(address) {
        tried.push(address);
        throw new Error(`no tea at ${address}`);
      },
    });
    await assert.rejects(kept.get(soon()), (error: Error) => {
      assert.match(error.message, /one:1\/x: no tea.*; two:2: no tea/);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
    assert.deepEqual(tried, addresses);
  });

  it('tells whoever is connecting when it is over', async () => {
    let wanted = true;
    const kept = keepConnection({
      ...ONE,
      connect(_address, signal) {
        signal.addEventListener('abort', () => (wanted = false));
        return new Promise<BrokerConnection>(() => {});
      },
    });
    const asked = assert.rejects(kept.get(soon()));
    await kept[Symbol.asyncDispose]();
    await asked;
    assert.equal(wanted, false);
  });
});
