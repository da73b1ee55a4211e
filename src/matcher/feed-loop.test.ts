import assert from 'node:assert/strict';
import { it } from 'node:test';
import { noLog } from '../lib/log.ts';
import { feedLoop } from './feed-loop.ts';

it('updates at once and every period, whatever happens, until it is stopped', async () => {
  const stop = new AbortController();
  const errors: string[] = [];
  let updates = 0;
  const updater = {
    async updateFeeds() {
      updates++;
      if (updates === 2) throw new Error('database gone');
      if (updates === 4) stop.abort();
      return [];
    },
  };
  const log = { ...noLog, error: (message: string) => void errors.push(message) };
  await feedLoop(updater, { period: 2, signal: stop.signal, log });
  assert.equal(updates, 4);
  assert.deepEqual(errors, ['update of the feeds failed']);
});
