import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FeedStatus } from '../../matcher/store/feed-status.ts';
import { statusTable } from './db-command.ts';

const NOW = Date.parse('2099-01-02T00:00:00Z');

function status(name: string, more: Partial<FeedStatus>): FeedStatus {
  return {
    name,
    kind: 'vulnerability',
    set: name,
    state: 'ok',
    fingerprint: '',
    failures: 0,
    rows: 0,
    scopes: [],
    problemCount: 0,
    problems: [],
    ...more,
  };
}

describe('db status', () => {
  it('has a line for each feed', () => {
    const feeds = [
      status('alpine-3.99', { state: 'stale', lastSuccess: new Date(NOW), vanishedAt: new Date(NOW) }),
      status('debian/updater', {
        lastSuccess: new Date(NOW - 7_200_000),
        nextTry: new Date(NOW + 4 * 3_600_000),
        rows: 12345,
        problemCount: 2,
        problems: [{ source: 'debian/updater', where: 'vim', reason: 'no version' }],
      }),
      status('osv/pypi', { state: 'failed', lastError: 'upstream says\x1b[2J\n404' }),
    ];
    assert.equal(
      statusTable(feeds, NOW, ['there is no set "debain"']),
      `FEED            STATE   LAST SUCCESS  RECORDS  PROBLEMS  NEXT TRY
alpine-3.99     stale   0 s ago       0        0         never     no longer listed since 2099-01-02T00:00:00.000Z (upstream or configuration); its data stays in use
debian/updater  ok      2 h ago       12345    2         in 4 h    first problem: vim: no version
osv/pypi        failed  never         0        0         now       upstream says?[2J?404
warning: there is no set "debain"
`,
    );
  });
  it('says what to do where there are none', () => {
    assert.match(statusTable([], NOW), /clairctl db update/);
  });
});
