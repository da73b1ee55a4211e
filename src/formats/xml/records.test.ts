import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../errors.ts';
import { childOf, childrenOf, readXmlRecords, type XmlElement, type XmlLimits } from './records.ts';

async function* chunked(text: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string | Uint8Array, limits?: XmlLimits, size = 7): Promise<XmlElement[]> {
  const isItem = (ancestors: readonly string[], name: string) => name === 'item' && ancestors.length === 1;
  return Readable.from(readXmlRecords(chunked(text, size), 'a test', isItem, limits)).toArray();
}

function write({ name, attributes, text, children }: XmlElement): string {
  const escaped = (each: string) =>
    each.replace(/[&<"]/g, (char) => `&#${char.charCodeAt(0)};`).replaceAll('>', '&gt;');
  const written = Object.entries(attributes).map(([key, value]) => ` ${key} = "${escaped(value)}"`);
  const inside = `${escaped(text)}${children.map(write).join('<!-- <> -->')}`;
  return inside === ''
    ? `<x:${name}${written.join('')}/>`
    : `<${name}${written.join('\n')}>${inside}</${name}\n>`;
}

const LIMITS: XmlLimits = { depth: 10, elements: 5, characters: 100 };

describe('XML records', () => {
  it('gives the elements that are picked, whole, and no others', async () => {
    const records = await read(
      '<?xml version="1.0"?><!-- x --><d:list xmlns:d="urn:d"><item id="1" d:at="&lt;2"><d:name>é &amp; <b>bold</b> x</d:name></item>' +
        '<other><item/></other>text<item><![CDATA[<raw>]]></item></d:list>',
    );
    assert.deepEqual(records, [
      {
        name: 'item',
        attributes: { id: '1', at: '<2' },
        text: '',
        children: [
          {
            name: 'name',
            attributes: {},
            text: 'é &  x',
            children: [{ name: 'b', attributes: {}, text: 'bold', children: [] }],
          },
        ],
      },
      { name: 'item', attributes: {}, text: '<raw>', children: [] },
    ]);
    assert.equal(childOf(records[0], 'name')?.text, 'é &  x');
    assert.deepEqual(
      [childOf(records[0], 'x'), childOf(undefined, 'x'), childrenOf(undefined, 'x')],
      [undefined, undefined, []],
    );
  });

  const bad: [what: string, text: string, message: RegExp][] = [
    ['a document that is cut short', '<list><item/>', /a test: not readable as XML/],
    ['no document', '', /a test: not readable as XML/],
    ['tags that do not meet', '<list><item></list>', /a test: not readable as XML/],
    ['an entity that is not known', '<list><item>&x;</item></list>', /a test: not readable as XML/],
    [
      'entities of its own',
      '<!DOCTYPE l [<!ENTITY x "y">]><list><item>&x;</item></list>',
      /a test: not readable as XML/,
    ],
    ['an ampersand that stands for itself', '<list><item>a & b</item></list>', /an unknown entity/],
    ['half a character', '<list><item>&#xd800;</item></list>', /an unknown entity/],
    ['attributes without quotes', '<list><item a=1/></list>', /malformed attributes/],
    ['a tag within a tag', '<list><item a="<b/>"/></list>', /malformed attributes/],
    ['text around the document', 'x<list/>', /text outside/],
    ['another document behind it', '<list/><list/>', /something follows/],
    ['a tag without a name', '<list>< item/></list>', /no name/],
    ['a tag that closes nothing', '<list/></list>', /closes another element/],
    ['depth', '<a>'.repeat(11), /nested deeper than 10/],
    ['a record of many elements', `<list><item>${'<a/>'.repeat(5)}</item></list>`, /more than 5 elements/],
    ['a record of much text', `<list><item>${'x'.repeat(101)}</item></list>`, /more than 100 characters/],
    [
      'a record of long attributes',
      `<list><item a="${'x'.repeat(101)}"/></list>`,
      /more than 100 characters/,
    ],
  ];
  for (const [what, text, message] of bad) {
    it(`refuses ${what}`, () =>
      assert.rejects(
        read(text, LIMITS),
        (error) => error instanceof AppError && error.code === 'feed' && message.test(error.message),
      ));
  }

  it('does not count what is not picked', async () => {
    assert.deepEqual(await read(`<list><x>${'<a/>'.repeat(50)}${'x'.repeat(500)}</x></list>`, LIMITS), []);
  });

  it('knows what ends where: in comments, sections, instructions and quotes', async () => {
    const text =
      '\ufeff<?xml version="1.0"?>\r\n<!DOCTYPE list>\n<list><!-- </list> <item> --><?pi <item>?>' +
      `<item a='>"' b="a\nb&#10;">1\r\n2<!-- </item> --><![CDATA[</item>&amp;]]></item ></list>\n<!-- end -->`;
    for (const size of [1, 3, 1000])
      assert.deepEqual(await read(text, undefined, size), [
        { name: 'item', attributes: { a: '>"', b: 'a b\n' }, children: [], text: '1\n2</item>&amp;' },
      ]);
  });

  it('reads what was written', async () => {
    const name = fc.stringMatching(/^[a-z][\w.-]{0,5}$/);
    const content = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\x00-\x1f]/g, ' '));
    const { element } = fc.letrec<{ element: XmlElement }>((tie) => ({
      element: fc.record(
        {
          name,
          attributes: fc.dictionary(name, content, { noNullPrototype: true }),
          children: fc.oneof(
            { depthSize: 'small' },
            fc.constant([]),
            fc.array(tie('element'), { maxLength: 3 }),
          ),
          text: content,
        },
        { noNullPrototype: true },
      ),
    }));
    await fc.assert(
      fc.asyncProperty(element, fc.integer({ min: 1, max: 50 }), async (written, size) => {
        const item = { ...written, name: 'item' };
        assert.deepEqual(await read(`<l:list>${write(item)}</l:list>`, undefined, size), [item]);
      }),
    );
  });

  it('gives the same whatever the chunks, and takes any bytes', async () => {
    const good = '<list><item a="1">ü</item><item><b/></item></list>';
    const want = await read(good, LIMITS, 1000);
    for (let size = 1; size < 12; size += 1) assert.deepEqual(await read(good, LIMITS, size), want);
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length), fc.uint8Array({ maxLength: 5 }), async (at, bytes) => {
        const damaged = Buffer.concat([
          Buffer.from(good.slice(0, at)),
          bytes,
          Buffer.from(good.slice(at + bytes.length)),
        ]);
        await read(damaged, LIMITS).catch((error: unknown) => assert.ok(error instanceof AppError));
      }),
    );
  });
});
