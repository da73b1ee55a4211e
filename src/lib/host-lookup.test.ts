import assert from 'node:assert/strict';
import type { lookup } from 'node:dns';
import { it } from 'node:test';
import { hostLookup } from './host-lookup.ts';

it('looks up a few names at a time, each of them in its turn, and none once it is disposed of', () => {
  const asked: [host: string, answer: () => void][] = [];
  const lookups = hostLookup(((host: string, _: object, callback: (error: null, address: string) => void) => {
    asked.push([host, () => callback(null, `at ${host}`)]);
  }) as unknown as typeof lookup);
  const answers: string[] = [];
  for (const host of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
    lookups.lookup(host, {}, (error, address) => answers.push(error?.message ?? String(address)));
  }
  const hosts = (): string => asked.map(([host]) => host).join('');
  assert.equal(hosts(), 'abcd');
  asked[1]![1]();
  assert.equal(hosts(), 'abcde');
  assert.deepEqual(answers, ['at b']);
  lookups[Symbol.dispose]();
  assert.deepEqual(answers.slice(1), ['f is not looked up any more', 'g is not looked up any more']);
  for (const [, answer] of asked.filter(([host]) => host !== 'b')) answer();
  assert.equal(hosts(), 'abcde');
  assert.deepEqual(answers.slice(3), ['at a', 'at c', 'at d', 'at e']);
});
