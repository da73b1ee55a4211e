import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeCopyRow } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import { chunkReader, SUM_BYTES } from './chunk-rows.ts';

const ROW = encodeCopyRow([
  'toy:1',
  'a',
  'source',
  '',
  null,
  null,
  null,
  null,
  '2',
  null,
  false,
  null,
  null,
  false,
  '2',
]);

/** What is said of one vulnerability, as a published database has it: two texts, and rows of both. */
function group(name: string, version: string): string {
  const text = (description: string): string =>
    `T${JSON.stringify([name, 1, [], [], JSON.stringify({ name, description }).slice(1, -1)])}\n`;
  const row = (number: number): string => `R${number}\t${ROW.replace('\t2\t', `\t${version}\t`)}`;
  return text('one') + row(0) + text('other') + row(1) + row(0);
}
const record = (name: string, version: string): string => encodeCopyRow([name, JSON.stringify({ version })]);

describe('the content of a chunk', () => {
  for (const [form, write] of [
    ['advisories', group],
    ['records', record],
  ] as const) {
    const content = (groups: readonly (readonly [string, string])[]): Buffer =>
      Buffer.from(groups.map(([name, version]) => write(name, version)).join(''));

    it(`names what it says, and leaves out what is here: ${form}`, () => {
      const name = form === 'records' ? fc.stringMatching(/^[A-Z0-9][A-Z0-9._:-]{0,30}$/) : fc.string();
      const groups = fc.uniqueArray(fc.tuple(name, fc.constantFrom('1', '2')), {
        selector: ([each]) => each,
      });
      fc.assert(
        fc.property(groups, fc.func(fc.boolean()), (all, changes) => {
          const before = chunkReader(form, 'here')(content(all));
          assert.deepEqual(
            before.names,
            all.map(([each]) => each),
          );
          assert.equal(before.sums.length, all.length * SUM_BYTES);
          const known = new Map(
            before.names.map((each, i) => [
              each,
              before.sums.toString('hex', i * SUM_BYTES, (i + 1) * SUM_BYTES),
            ]),
          );
          const isHere = (each: string, sum: string): boolean => known.get(each) === sum;
          const next = all.map(([each, version]) => [each, changes(each) ? `${version}0` : version] as const);
          const after = chunkReader(form, 'here', isHere)(content(next));
          assert.deepEqual(after.names, before.names);
          const changed = next.filter(([each]) => changes(each));
          assert.equal(after.lines, chunkReader(form, 'here')(content(changed)).lines);
        }),
      );
    });

    it(`is told to be damaged where it is: ${form}`, () => {
      const good = content([
        ['CVE-2024-1', '1'],
        ['CVE-2024-2', '2'],
      ]);
      for (const bad of [
        'x\n',
        'T\n',
        'T["\n',
        'T["a\\\n',
        'T[1]\n',
        'no end',
        ...(form === 'records' ? [] : [`R0\t${ROW}`]),
      ])
        assert.throws(() => chunkReader(form, 'here')(Buffer.from(bad)), {
          code: 'feed',
          message: /here.*damaged/,
        });
      fc.assert(
        fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
          const broken = Buffer.from(good);
          broken[at] = byte;
          try {
            chunkReader(form, 'here')(broken);
          } catch (error) {
            assert.ok(error instanceof AppError, String(error));
          }
        }),
      );
    });
  }
});
