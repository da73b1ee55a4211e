import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { csv } from './csv.ts';
import { input } from './report.fixture.ts';

/** RFC 4180, 2: records of fields. */
function read(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)!.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

describe('csv', () => {
  it('has a row for each finding and each part that was not checked, all as wide as its head', () => {
    const [head, ...rows] = read(csv(input()));
    assert.ok(rows.every(({ length }) => length === head!.length));
    assert.deepEqual(
      rows.map(([status, id]) => `${status} ${id}`.slice(0, 22)),
      ['affected CVE-2099-1', 'undecided CVE-2099-2<s', 'incomplete ', 'incomplete ', 'feed '],
    );
    const at = (name: string): string => rows[0]![head!.indexOf(name)]!;
    assert.deepEqual(
      [at('severity'), at('package'), at('installed'), at('fixed_in'), at('aliases')],
      ['High', 'curl', '1.0', '1.1', 'GHSA-1'],
    );
    assert.match(rows[2]!.at(-1)!, /no feed covers it/);
  });

  it('gives a spreadsheet nothing to compute, and quotes what has to be', () => {
    for (const evil of ['=cmd()', '+1', '-1', '@x', 'a,b', 'a"b', 'a\r\nb']) {
      const rows = read(csv(input({}, evil)));
      const cells = rows.flat();
      assert.ok(!cells.some((cell) => /^[=+@-]/.test(cell)), evil);
      assert.ok(
        cells.some((cell) => cell.endsWith(evil)),
        evil,
      );
    }
  });
});
