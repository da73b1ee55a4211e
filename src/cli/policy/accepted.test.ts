import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CoverageEntry } from '../../model/coverage.ts';
import { type AcceptEntry, accept } from './accepted.ts';

const NOW = new Date('2099-06-01T12:00:00Z');

const unread: CoverageEntry = {
  kind: 'unread',
  what: 'java',
  where: 'srv/app/fixtures/broken.jar:lib/x.jar',
  reason: 'damaged',
  count: 1,
};

function rule(more: Partial<AcceptEntry>): AcceptEntry {
  return {
    source: '.clairignore.yaml:2',
    kinds: [],
    paths: [],
    whats: [],
    reason: 'test data',
    expires: Date.UTC(2100, 0),
    ...more,
  };
}

describe('what an ignore file accepts', () => {
  const cases: [what: string, more: Partial<AcceptEntry>, accepted: boolean][] = [
    ['its kind', { kinds: ['unread'] }, true],
    ['another kind', { kinds: ['no-feed'] }, false],
    ['its path', { paths: ['srv/app/fixtures/broken.jar:lib/x.jar'] }, true],
    ['the file that it is in', { paths: ['/srv/app/fixtures/*.jar'] }, true],
    ['another path', { paths: ['srv/app/*.jar'] }, false],
    ['kind and path', { kinds: ['unread'], paths: ['**/fixtures/**'] }, true],
    ['the kind and another path', { kinds: ['unread'], paths: ['opt/**'] }, false],
    ['kind and what', { kinds: ['unread'], whats: ['ja*'] }, true],
    ['the kind of something else', { kinds: ['unread'], whats: ['npm'] }, false],
    ['what has expired', { kinds: ['unread'], expires: Date.UTC(2099, 5, 1) }, false],
  ];
  for (const [what, more, isAccepted] of cases) {
    it(`${what}: ${isAccepted ? 'accepted' : 'open'}`, () => {
      const { open, accepted } = accept([unread], [rule(more)], NOW);
      assert.deepEqual([open.length, accepted.length], isAccepted ? [0, 1] : [1, 0]);
      if (isAccepted)
        assert.deepEqual(accepted[0]!.accepted, {
          source: '.clairignore.yaml:2',
          reason: 'test data',
          expires: '2100-01-01',
        });
    });
  }

  it('does not let a path accept what has none', () => {
    const distribution: CoverageEntry = { ...unread, kind: 'end-of-life', what: 'Debian 8', where: '' };
    assert.equal(accept([distribution], [rule({ paths: ['**'] })], NOW).open.length, 1);
  });

  it('tells of rules that have expired or fit nothing', () => {
    const { notices } = accept(
      [unread],
      [rule({ kinds: ['no-feed'] }), rule({ kinds: ['unread'], expires: Date.UTC(2099, 0) })],
      NOW,
    );
    assert.deepEqual(notices, [
      '.clairignore.yaml:2: no-feed matches no entry of "incomplete". Remove it',
      '.clairignore.yaml:2: unread expired on 2099-01-01 and no longer accepts entries',
    ]);
  });
});
