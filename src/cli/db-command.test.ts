import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FeedStatus } from '../matcher/store/feed-status.ts';
import { statusTable } from './db-command.ts';

const NOW = Date.parse('2099-01-02T00:00:00Z');

function status(name: string, more: Partial<FeedStatus>): FeedStatus {
  return {
    name,
    kind: 'vulnerability',
    set: name,
    state: 'ok',
    fingerprint: '',
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
      status('debian/updater', { lastSuccess: new Date(NOW - 7_200_000), rows: 12345, problemCount: 2 }),
      status('osv/pypi', { state: 'failed', lastError: 'upstream says\x1b[2J\n404' }),
    ];
    assert.equal(
      statusTable(feeds, NOW),
      `FEED            STATE   LAST SUCCESS  RECORDS  PROBLEMS
debian/updater  ok      2 h ago       12345    2
osv/pypi        failed  never         0        0         upstream says?[2J?404
`,
    );
  });
  it('says what to do where there are none', () => {
    assert.match(statusTable([], NOW), /clairctl db update/);
  });
});
