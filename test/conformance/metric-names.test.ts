/** docs/reference/metrics.md says of every metric of Clair what became of it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isDocumented } from '../metric-docs.ts';
import { DEFAULT_CORPUS } from './corpus.ts';

const NAMES = join(DEFAULT_CORPUS, 'golden', 'metric-names.txt');

describe('docs/reference/metrics.md', { skip: !existsSync(NAMES) && 'no recorded names' }, () => {
  it('lists every metric of Clair', () => {
    const names = readFileSync(NAMES, 'utf8')
      .split('\n')
      .flatMap((line) => line.split(' ')[0] || []);
    assert.ok(names.length > 100);
    assert.deepEqual(
      names.filter((name) => !isDocumented(name)),
      [],
    );
  });
});
