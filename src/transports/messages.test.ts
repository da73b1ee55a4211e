import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { callbackMessage, directMessages, isTooLarge } from './messages.ts';
import type { Notification } from './notification.ts';

describe('messages', () => {
  it('have the keys of Clair in a callback', () => {
    const text = callbackMessage({ notificationId: 'a"b', callback: 'http://x/a"b' });
    assert.equal(text, '{"callback":"http://x/a\\"b","notification_id":"a\\"b"}');
  });

  it('have all notifications, in order, at most `rollup` in each', async () => {
    const item = fc.record({ id: fc.string(), text: fc.string({ unit: 'binary' }) });
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 30 }), fc.nat(12), async (items, rollup) => {
        const notifications = items as unknown as Notification[];
        const delivery = { notificationId: 'x', callback: '', notifications };
        const messages: unknown[][] = [];
        for await (const message of directMessages(delivery, rollup)) {
          assert.ok(!message.includes('\0'), 'a frame of STOMP ends with it');
          messages.push(JSON.parse(message));
        }
        assert.deepEqual(messages.flat(), JSON.parse(JSON.stringify(items)));
        const size = Math.max(rollup, 1);
        assert.ok(
          messages.every(({ length }, index) =>
            index < messages.length - 1 ? length === size : length <= size,
          ),
        );
        assert.ok(messages.every(({ length }) => length > 0));
      }),
      { numRuns: 100 },
    );
  });

  for (const [refusal, want] of [
    ['406 (PRECONDITION-FAILED) with message "PRECONDITION_FAILED - message size 2 is larger than', true],
    ['precondition_failed: PRECONDITION_FAILED - message size 2 is larger than configured', true],
    ['406 (PRECONDITION-FAILED) with message "PRECONDITION_FAILED - inequivalent arg', false],
    ['404 (NOT-FOUND) with message "no exchange', false],
  ] as const) {
    it(`${want ? 'for good' : 'for now'}: ${refusal}`, () => assert.equal(isTooLarge(refusal), want));
  }
});
