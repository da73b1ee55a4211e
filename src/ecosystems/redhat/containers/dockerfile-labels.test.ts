// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a Dockerfile has such variables
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assertNoSquare } from '../../../lib/growth.fixture.ts';
import { labelsOf } from './dockerfile-labels.ts';

const CASES: readonly [what: string, text: string, labels: Record<string, string>][] = [
  ['one', 'LABEL name=quay/quay', { name: 'quay/quay' }],
  ['several, quoted and not', 'LABEL a="x y" \'b c\'=d "e"=\'f g\'', { a: 'x y', 'b c': 'd', e: 'f g' }],
  ['the old form', 'label  name   all of this ', { name: 'all of this' }],
  ['the old form with quotes', 'LABEL name "a  b"', { name: 'a  b' }],
  [
    'continued lines',
    'LABEL a=1 \\\n\n  # not this: b=2\n  c=3 \\  \n d=4\nLABEL e=5',
    { a: '1', c: '3', d: '4', e: '5' },
  ],
  ['a later one counts', 'LABEL a=1\nLABEL a=2', { a: '2' }],
  ['the last line continued', 'LABEL a=1 \\', { a: '1' }],
  ['Windows', '# escape=`\r\nLABEL a="C:\\dir" `\r\n b="x`"y"\r\n', { a: 'C:\\dir', b: 'x"y' }],
  [
    'a directive after a comment is a comment',
    '# hello there\n# escape=`\nLABEL a=1 \\\n b=2',
    { a: '1', b: '2' },
  ],
  ['escapes', 'LABEL a=x\\ y b="q\\"q" c=\'\\\' d="\\n"', { a: 'x y', b: 'q"q', c: '\\', d: '\\n' }],
  ['an empty value', 'LABEL a="" b=', { a: '', b: '' }],
  [
    'variables',
    'ARG A=1 B\nENV C=$A-${A} D ${B}\nLABEL a=$A b=${B} c=$C d="$A" e=\'$A\' f=\\$A g=a$',
    { a: '1', b: '', c: '1-1', d: '1', e: '$A', f: '$A', g: 'a$' },
  ],
  ['ENV goes before ARG', 'ENV A=env\nARG A=arg\nLABEL a=$A', { a: 'env' }],
  ['the old form of ENV', 'ENV A one two\nLABEL a=$A', { a: 'one two' }],
  [
    'defaults',
    'ENV A=1\nLABEL a=${A:-x} b=${B:-x} c=${A:+x} d=${B:+x} e=${B:-${C:-${A}}} f=${B:-"q w"}',
    { a: '1', b: 'x', c: 'x', d: '', e: '1', f: 'q w' },
  ],
  ['what is no variable', 'LABEL a=${ b=${A c=$1 d=${A:?x}', { a: '${', b: '${A', c: '$1', d: '' }],
  ['the last stage', 'FROM a AS one\nLABEL a=1\nFROM b\nLABEL b=2', { b: '2' }],
  [
    'a stage from another',
    'FROM a AS One\nENV X=9\nLABEL a=1\nFROM --platform=linux/amd64 one\nLABEL b=$X',
    { a: '1', b: '9' },
  ],
  [
    'no labels in here-documents',
    'RUN <<EOF cat <<-"X"\nLABEL a=1\nEOF\nLABEL b=2\n\tX\nLABEL c=3',
    { c: '3' },
  ],
  ['a here-string is none', 'RUN cat <<<EOF\nLABEL a=1', { a: '1' }],
  ['a here-document without end is none', 'RUN <<EOF\nLABEL a=1', { a: '1' }],
  ['other instructions', 'MAINTAINER LABEL\nRUN LABEL x=1\nCMD ["LABEL a=1"]\n123\nLABEL', {}],
];

describe('labels of a Dockerfile', () => {
  for (const [what, text, labels] of CASES) {
    it(what, () => assert.deepEqual(Object.fromEntries(labelsOf(text)), labels));
  }

  it('are bounded whatever variables say', () => {
    const doubling = Array.from({ length: 200 }, () => 'ENV A=$A$A$A').join('\n');
    const labels = labelsOf(`ENV A=xxxxxxxx\n${doubling}\nLABEL a=$A`);
    assert.ok(labels.get('a')!.length <= 4096);
    const nested = `LABEL a=${'${B:-'.repeat(20_000)}x${'}'.repeat(20_000)}`;
    assert.ok(labelsOf(nested).size <= 1);
    assertNoSquare((size) => labelsOf(`LABEL a=${'${A'.repeat(size)}`), 40_000);
    assertNoSquare(
      (size) => labelsOf(Array.from({ length: size }, (_, index) => `RUN <<E${index}`).join('\n')),
      10_000,
    );
  });

  it('end, whatever the text', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'LABEL ',
        'ENV ',
        'ARG ',
        'FROM ',
        'RUN <<',
        'AS ',
        'A',
        '=',
        '$',
        '${',
        '}',
        ':-',
        ':+',
        '"',
        "'",
        '\\',
        '\\\n',
        '\n',
        ' ',
        '#',
        '# escape=`\n',
        '`',
        'EOF\n',
      ),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        for (const [key, value] of labelsOf(pieces.join(''))) assert.ok(key.length + value.length <= 8192);
      }),
      { numRuns: 3000 },
    );
  });
});
