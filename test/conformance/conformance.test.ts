/** All conformance suites as tests, where the recorded answers are at hand. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DEFAULT_CORPUS, hasCorpus } from './corpus.ts';
import { openSession, type Session } from './session.ts';
import { SUITES } from './suites/index.ts';

const skip = hasCorpus(DEFAULT_CORPUS)
  ? false
  : 'the recorded answers of Clair are not beside this repository';

describe('answers as Clair gives them, or better', { skip }, () => {
  let session: Session;
  before(async () => {
    session = await openSession(DEFAULT_CORPUS, { only: [], say: () => {} });
  });
  after(async () => {
    await session?.[Symbol.asyncDispose]();
  });

  for (const suite of SUITES) {
    it(`suite ${suite.name}`, async () => {
      const wrong: string[] = [];
      for await (const verdict of suite.run(session.context)) {
        wrong.push(...verdict.wrong.map((line) => `${verdict.name}: ${line}`));
      }
      assert.deepEqual(wrong.slice(0, 50), []);
    });
  }
});
