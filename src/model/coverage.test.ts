import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { COVERAGE_KINDS, type CoverageKind, type Notice, sortCoverage } from './coverage.ts';

const ROOT = new URL('../../', import.meta.url);

describe('kinds of what was not checked', () => {
  it('are those of docs/reference/exit-codes.md, in its words', () => {
    const text = readFileSync(new URL('../../docs/reference/exit-codes.md', import.meta.url), 'utf8');
    const [, table = ''] = /^## Kinds\n(.*?)^## /ms.exec(text) ?? [];
    const rows = [...table.matchAll(/^\| `(\S+)` \| (.*) \|$/gm)].map(([, kind, meaning]) => [kind, meaning]);
    assert.deepEqual(rows, Object.entries(COVERAGE_KINDS));
  });
});

describe('the ways to exit codes', () => {
  const text = readFileSync(new URL('docs/reference/exit-codes.md', ROOT), 'utf8');
  const [, table = ''] = /^## Every way[^\n]*\n(.*?)^## /ms.exec(text) ?? [];
  const rows = [...table.matchAll(/^\| (.*) \| ([023]) \| `(\S+)`: (.*) \|$/gm)];

  it('have a row for each kind of what is missing, and for each code', () => {
    const incomplete = rows.filter(([, , code]) => code === '3').map(([, situation]) => situation);
    for (const kind of Object.keys(COVERAGE_KINDS)) assert.ok(incomplete.includes(`\`${kind}\``), kind);
    assert.deepEqual([...new Set(rows.map(([, , code]) => code))].sort(), ['0', '2', '3']);
  });

  for (const [, situation, code, file, title] of rows)
    it(`${situation} -> ${code} is held by ${file}`, () =>
      assert.ok(readFileSync(new URL(file!, ROOT), 'utf8').includes(title!), title));
});

describe('the order of entries', () => {
  it('is the same whatever order they come in', () => {
    const word = fc.constantFrom('', 'a', 'b');
    const entry = fc.record({
      kind: fc.constantFrom<CoverageKind>('unread', 'no-feed'),
      what: word,
      where: word,
      reason: word,
      count: fc.constant(1),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, { selector: (each) => JSON.stringify(each) }),
        (entries: Notice[]) => {
          assert.deepEqual(sortCoverage(entries.toReversed()), sortCoverage(entries));
        },
      ),
    );
  });
});
