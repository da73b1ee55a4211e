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
import { entryOf, tarOf } from '../tar/writer.fixture.ts';
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
      [/^one$/, /^two$/, /^! c: over the limit of 2 files .*layer_limits\.files/],
    ],
    [
      'findings',
      { findings: 2 },
      [/^one$/, /^two$/, /^! c: over the limit of 2 findings .*layer_limits\.findings/],
    ],
    [
      'bytes of one file',
      { wholeBytes: 4 },
      [/^one$/, /^two$/, /^! c: file of 5 bytes is over the limit of 4/],
    ],
    [
      'bytes that are read',
      { readBytes: 7 },
      [/^one$/, /^two$/, /^! c: over the limit of 7 bytes .*read_size/],
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
      '! 250000: over the limit of 250000 files that a layer removes: this one is not removed',
    ]);
  });
});
