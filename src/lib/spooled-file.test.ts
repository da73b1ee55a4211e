import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSpooled } from './spooled-file.ts';

describe('openSpooled', () => {
  it('tells who reads that there is no file, and nobody before', async () => {
    const file = openSpooled('/nowhere/at/all');
    await sleep(20);
    await assert.rejects(async () => {
      for await (const _ of file);
    }, /ENOENT/);
  });
});
