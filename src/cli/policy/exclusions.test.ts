import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { missing } from '../outcome/scan-result.fixture.ts';
import { accept } from './accepted.ts';
import { exclusionAccepts, exclusionRules, parseExclusion } from './exclusions.ts';
import type { Judged } from './selection.ts';

const finding = (...paths: string[]) => ({ paths }) as unknown as Judged;

describe('--exclude', () => {
  const cases: [pattern: string, paths: string[], excluded: boolean][] = [
    ['./usr/share/', ['usr/share/a/package.json'], true],
    ['/usr/share', ['usr/share'], true],
    ['usr/share', ['usr/shared/a'], false],
    ['usr/share', ['srv/usr/share/a'], false],
    ['**/testdata', ['srv/app/testdata/x.jar'], true],
    ['**/testdata/**', ['srv/app/testdata/x.jar'], true],
    ['srv/*.jar', ['srv/app.jar:lib/inner.jar'], true],
    ['srv/*.jar', ['srv/lib/app.jar'], false],
    ['a', ['a/x', 'b/x'], false],
    ['a', [], false],
  ];
  for (const [pattern, paths, excluded] of cases)
    it(`${pattern} ${excluded ? 'excludes' : 'keeps'} ${paths.join(' and ') || 'what has no place'}`, () => {
      const rules = exclusionRules([parseExclusion(pattern)!]);
      const by = rules.suppress(finding(...paths));
      assert.equal(by !== undefined, excluded);
      if (by) assert.deepEqual([by.kind, by.source], ['ignored', `--exclude ${parseExclusion(pattern)}`]);
    });

  it('is none if it would exclude everything', () => {
    for (const text of ['', '.', './', '/', '**', '/**/', '*', '../..'])
      assert.equal(parseExclusion(text), undefined, text);
  });

  it('accepts what was not checked there, and no more, without an end and without a note', () => {
    const entries = [
      missing('java', { kind: 'unread', where: 'srv/a/x.jar:lib/y.jar' }),
      missing('java', { kind: 'unread', where: 'srv/b.jar' }),
      missing('npm'),
    ];
    const rules = exclusionAccepts(['srv/a', 'nowhere']);
    const { open, accepted, notices } = accept(entries, rules, new Date('2099-01-01'));
    assert.deepEqual(open, entries.slice(1));
    assert.deepEqual(accepted[0]?.accepted, {
      source: '--exclude srv/a',
      reason: 'excluded on the command line',
      expires: '',
    });
    assert.deepEqual(notices, []);
  });
});
