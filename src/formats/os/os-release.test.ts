import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseOsRelease } from './os-release.ts';

describe('parseOsRelease', () => {
  const cases: [what: string, text: string, want: Record<string, string>][] = [
    [
      'bare, double and single quoted',
      'ID=alpine\nNAME="Alpine Linux"\nV=\'3.18\'\n',
      { ID: 'alpine', NAME: 'Alpine Linux', V: '3.18' },
    ],
    ['no newline at the end', 'ID=alpine', { ID: 'alpine' }],
    ['comments and blank lines', '# ID=a\n\n   \n  # x\nID=b\n', { ID: 'b' }],
    ['CRLF, blanks around, a BOM', '\uFEFFID=a\r\n  NAME="b"  \r\n', { ID: 'a', NAME: 'b' }],
    ['lines that are no assignment', 'garbage\n=x\n1A=x\nA B=c\nID=ok\n', { ID: 'ok' }],
    ['empty values', 'A=\nB=""\nC=\'\'\n', { A: '', B: '', C: '' }],
    ['= in a value', 'URL="https://x/?a=b"\n', { URL: 'https://x/?a=b' }],
    ['escapes in double quotes', 'A="\\$ \\` \\" \\\\ \\n"\n', { A: '$ ` " \\ \\n' }],
    ['no escapes in single quotes', "A='a\\b'\n", { A: 'a\\b' }],
    ['a quote in single quotes', "A='it'\\''s'\n", { A: "it's" }],
    ['escapes without quotes', 'A=a\\ b\\"\n', { A: 'a b"' }],
    ['a quote that does not end', 'A="x\nB=\'y\nC=ok\n', { C: 'ok' }],
    ['a trailing backslash', 'A=x\\\nB="y\\\nC=ok\n', { C: 'ok' }],
    ['a comment after a value', 'A="x" # why\nB=y  # why\nC=a#b\n', { A: 'x', B: 'y', C: 'a#b' }],
    ['a value that lacks its quotes', 'NAME=Alpine Linux\n', { NAME: 'Alpine Linux' }],
    ['the last one counts', 'A=1\nA=2\n', { A: '2' }],
    ['nothing', '', {}],
  ];
  for (const [what, text, want] of cases) {
    it(what, () => assert.deepEqual(Object.fromEntries(parseOsRelease(text)), want));
  }

  it('reads back what a shell would be given', () => {
    const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/);
    const value = fc.string().map((text) => text.replace(/[\r\n\u2028\u2029]/g, ' '));
    fc.assert(
      fc.property(fc.dictionary(name, value), (values) => {
        const quoted = (text: string) => `"${text.replace(/[$`"\\]/g, '\\$&')}"`;
        const text = Object.entries(values).map(([key, value]) => `${key}=${quoted(value)}\n`);
        assert.deepEqual(Object.fromEntries(parseOsRelease(text.join(''))), { ...values });
      }),
    );
  });

  it('takes any text', () => {
    const odd = fc.string({ unit: fc.constantFrom('A', '=', '"', "'", '\\', '\n', '#', ' ', 'é') });
    fc.assert(fc.property(fc.oneof(fc.string(), odd), (text) => void parseOsRelease(text)));
  });

  it('stops reading a huge text', () => {
    assert.equal(parseOsRelease(`A="${'x'.repeat(60_000)}"`).get('A')?.length, 60_000);
    assert.equal(parseOsRelease(`ID=a\n${'#\n'.repeat(50_000)}NAME=late\n`).has('NAME'), false);
  });
});
