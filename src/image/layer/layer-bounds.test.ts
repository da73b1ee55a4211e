/** What a layer has beyond a limit of the detectors' is told, and what was found before it is kept. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Detector } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { parseDigest } from '../../model/digest.ts';
import { entryOf, longOf, paxOf, tarOf } from '../tar/writer.fixture.ts';
import { createLayerBudget, DEFAULT_LIMITS, type LayerLimits } from './layer-limits.ts';
import { walkLayer } from './walk-layer.ts';

const folder = mkdtempSync(join(tmpdir(), 'bounds-'));
after(() => rmSync(folder, { recursive: true }));

/** A package for each file, of its content. */
const reader: Detector = {
  id: 'd',
  revision: '1',
  kind: 'package',
  wants: ({ type }) => type === 'file' || type === 'hardlink',
  *read({ files }) {
    for (const file of files) {
      try {
        const name = file.read().toString();
        yield {
          found: 'package',
          package: { name, version: '1', kind: 'binary', database: 'd', path: file.path },
        };
      } catch (error) {
        yield { found: 'problem', where: file.path, reason: messageOf(error) };
      }
    }
  },
};

async function told(archive: Buffer, limits: Partial<LayerLimits>): Promise<string[]> {
  const path = join(folder, 'layer.tar');
  writeFileSync(path, archive);
  const hash = parseDigest(`sha256:${createHash('sha256').update(archive).digest('hex')}`);
  const { found, problems } = await walkLayer({ hash, uri: `file://${path}`, headers: {} }, [reader], {
    budget: createLayerBudget({ ...DEFAULT_LIMITS, ...limits }, () => false),
    signal: AbortSignal.timeout(60_000),
    allowLocal: true,
    spillDirectory: folder,
  });
  return [
    ...found.map((each) =>
      each.found === 'package'
        ? each.package.name
        : each.found === 'problem'
          ? `! ${each.where}: ${each.reason}`
          : '',
    ),
    ...problems.map(({ where, reason }) => `! ${where}: ${reason}`),
  ];
}

const file = (name: string, content: string) => ({ name, content });
const three = tarOf(file('a', 'one'), file('b', 'two'), file('c', 'three'));

describe('beyond the limit of', () => {
  const cases: [what: string, limits: Partial<LayerLimits>, want: RegExp[]][] = [
    [
      'files that are kept',
      { files: 2 },
      [/^one$/, /^two$/, /^! c: exceeds the limit of 2 files .*layer_limits\.files/],
    ],
    [
      'findings',
      { detections: 2 },
      [/^one$/, /^two$/, /^! c: exceeds the limit of 2 detections .*layer_limits\.findings/],
    ],
    [
      'bytes of one file',
      { wholeBytes: 4 },
      [/^one$/, /^two$/, /^! c: file of 5 bytes exceeds the limit of 4/],
    ],
    [
      'bytes that are read',
      { readBytes: 7 },
      [/^one$/, /^two$/, /^! c: exceeds the limit of 7 bytes .*read_size/],
    ],
  ];
  for (const [what, limits, want] of cases) {
    it(what, async () => {
      const got = await told(three, limits);
      assert.equal(got.length, want.length, got.join('\n'));
      for (const [index, line] of got.entries()) assert.match(line, want[index]!);
    });
  }
  it('problems that are told one by one', async () => {
    const many = tarOf(...Array.from({ length: 1500 }, (_, i) => file(`f${i}`, 'content')));
    const got = await told(many, { wholeBytes: 1 });
    assert.equal(got.length, 1001);
    assert.equal(got.at(-1), '! : 500 more files or records could not be read');
  });
  it('files that it removes', async () => {
    const entries = Array.from({ length: 250_001 }, (_, i) => entryOf(file(`.wh.${i}`, '')));
    const many = Buffer.concat([...entries, tarOf()]);
    assert.deepEqual(await told(many, {}), [
      '! 250000: exceeds the limit of 250000 files that a layer removes, or of 32000000 characters of text in them: this one is not removed',
    ]);
  });

  it('text of files that are kept', async () => {
    const archive = tarOf(file('a', 'one'), longNamed('n'.repeat(800)), file('c', 'three'));
    const got = await told(archive, { files: 3 });
    assert.equal(got[0], 'one');
    for (const [index, path] of [/^! n{800}/, /^! c/].entries()) {
      assert.match(got[index + 1]!, path);
      assert.match(
        got[index + 1]!,
        /: exceeds the limit of 3 files .*, or of 768 characters of text in them/,
      );
    }
    assert.equal(got.length, 3);
  });
  it('text of detections', async () => {
    const got = await told(tarOf(file('a', 'x'.repeat(2500)), file('b', 'y'.repeat(600))), { detections: 3 });
    assert.equal(got.length, 2);
    assert.match(got[1]!, /^! b: exceeds the limit of 3 detections of a layer, or of 3072 characters/);
  });
  it('text of problems', async () => {
    const folders = `${'f'.repeat(250)}/`.repeat(15);
    const many = tarOf(...Array.from({ length: 300 }, (_, i) => longNamed(`${folders}${i}`)));
    const got = await told(many, { wholeBytes: 1 });
    assert.ok(got.join('').length < 600_000);
    assert.match(got.at(-1)!, /^! : \d+ more files or records could not be read$/);
  });

  describe('entries, counted by what they cost', () => {
    const deep = (i: number) => `${i % 2}/${'a/'.repeat(1500)}f${i}`;
    const chain = [
      ...Array.from({ length: 30 }, (_, i) => ({
        ...{ name: `l${i}`, flag: '2' },
        link: i === 29 ? 'd' : `${'./'.repeat(40)}l${i + 1}`,
      })),
      { name: 'd/' },
    ];
    const costly: [what: string, archive: Buffer][] = [
      ['long names', tarOf(...Array.from({ length: 20 }, (_, i) => longNamed('n'.repeat(3900) + i)))],
      ['long links', tarOf(...Array.from({ length: 20 }, (_, i) => longLinked(`l${i}`, 'n'.repeat(3900))))],
      ['names of many folders', tarOf(...Array.from({ length: 20 }, (_, i) => longNamed(deep(i))))],
      [
        'folders behind links behind links',
        tarOf(...chain, ...Array.from({ length: 30 }, (_, i) => file(`${i % 2 ? 'l0' : 'l1'}/${i}`, ''))),
      ],
      [
        'big headers',
        tarOf(
          ...Array.from({ length: 20 }, (_, i) => [
            paxOf({ comment: 'c'.repeat(40_000) }),
            file(`f${i}`, ''),
          ]).flat(),
        ),
      ],
      ['long maps of holes', tarOf(...Array.from({ length: 20 }, (_, i) => manyHoles(`f${i}`, 2000)))],
    ];
    for (const [what, archive] of costly) {
      it(what, async () => {
        await assert.rejects(told(archive, { entries: 100 }), {
          code: 'layer-limit',
          message: /more than 100 entries \(one with a long name, .* \(indexer\.layer_limits\.entries\)/,
        });
        assert.equal(
          (await told(archive, { entries: 10_000 })).filter((line) => line.startsWith('!')).length,
          0,
        );
      });
    }
  });
});

function longNamed(name: string): Buffer {
  return Buffer.concat([longOf('L', name), entryOf(file(name.slice(-50), 'xx'))]);
}

function longLinked(name: string, link: string): Buffer {
  return Buffer.concat([longOf('K', link), entryOf({ name, flag: '2', link: 'x' })]);
}

/** A sparse file of format 1.0, with so many empty regions. */
function manyHoles(name: string, regions: number): Buffer {
  const map = `${regions}\n${'0\n0\n'.repeat(regions)}`;
  const records = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '9' };
  return Buffer.concat([
    paxOf(records),
    entryOf(file(name, map.padEnd(Math.ceil(map.length / 512) * 512, '\0'))),
  ]);
}
