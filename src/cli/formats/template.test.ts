import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../errors.ts';
import { assertNoSquare } from '../../lib/growth.fixture.ts';
import { render } from './template.ts';

const DATA = {
  name: 'a<b>',
  n: 3,
  zero: 0,
  yes: true,
  no: false,
  empty: [],
  list: [{ id: 'x' }, { id: 'y', list: [1] }],
  deep: { a: { b: 'c' } },
  csv: '=1+"2"',
  p: 0.1234,
};

describe('a template', () => {
  const cases: [template: string, want: string][] = [
    ['', ''],
    ['plain { } text', 'plain { } text'],
    ['{{name}} {{ n }} {{deep.a.b}}', 'a<b> 3 c'],
    ['{{nothing}}{{deep.x.y}}{{name.length}}', ''],
    ['{{constructor}}{{deep.__proto__}}{{name.constructor}}', ''],
    ['{{name|html}} {{name | json}} {{name|upper|lower}}', 'a&#60;b&#62; "a<b>" a<b>'],
    ['{{csv|csv}},{{n|csv}}', `"'=1+""2""",3`],
    ['{{p|percent}} {{list|count}} {{name|url}}', '12.3% 2 a%3Cb%3E'],
    ['{{#list}}{{id}}{{^@.last}}, {{/@.last}}{{/list}}', 'x, y'],
    ['{{#list}}{{name}}{{id}}{{/list}}', 'a<b>xa<b>y'],
    ['{{#yes}}y{{/yes}}{{#no}}n{{/no}}{{^no}}N{{/no}}{{^empty}}E{{/empty}}{{#zero}}0{{/zero}}', 'yNE'],
    ['{{#deep}}{{a.b}}{{/deep}}', 'c'],
    ['{{#deep}}{{#list}}{{#list}}{{.}}{{/list}};{{/list}}{{/deep}}', '{"id":"x"}{"id":"y","list":[1]};1;'],
    ['a\n{{#list}}\n- {{id}}\n{{/list}}\nb\n', 'a\n- x\n- y\nb\n'],
    ['a\n  {{! a comment }}\nb{{!x}}c', 'a\nbc'],
    ['{{n}}\n{{n}}\n', '3\n3\n'],
    ['{{#yes}}{{n}}\n{{/yes}}{{n}}', '3\n3'],
    ['{"a":{{n}},"b":{{name|json}}}', '{"a":3,"b":"a<b>"}'],
  ];
  for (const [template, want] of cases) {
    it(JSON.stringify(template), () => assert.equal(render(template, DATA), want));
  }

  const wrong: [template: string, message: RegExp][] = [
    ['a\n{{#list}}', /t:2: \{\{#list}} is not closed/],
    ['{{/list}}', /closes nothing/],
    ['{{#a}}{{/b}}', /closes nothing/],
    ['\n\n{{name | shout}}', /t:3: no filter "shout"; expected one of json/],
    ['{{name | toString}}', /no filter/],
    ['{{a b}}', /is not a name/],
    ['{{}}', /is not a name/],
    ['x {{name', /without its/],
    ['{{#a}}'.repeat(50), /nested more than/],
  ];
  for (const [template, message] of wrong) {
    it(`${JSON.stringify(template).slice(0, 40)} is none`, () =>
      assert.throws(
        () => render(template, DATA, 't'),
        (error) => error instanceof AppError && message.test(error.message),
      ));
  }

  it('survives anything', () => {
    const piece = fc.constantFrom(
      '{{',
      '}}',
      '#',
      '^',
      '/',
      '|',
      'list',
      'name',
      '.',
      ' ',
      '\n',
      'json',
      '!',
      '{',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        try {
          render(pieces.join(''), DATA);
        } catch (error) {
          assert.ok(error instanceof AppError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('takes time in proportion to its size', () => {
    assertNoSquare((size) => render(`${'{{name}}{ '.repeat(size)}${' '.repeat(10 * size)}\n`, DATA), 5000);
  });
});
