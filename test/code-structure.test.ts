/** Holds that the picture in docs/contributing/code-structure.md shows the rooms of `src/` and what they import, no more and no less. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { GROUND, isTest, LAW, roomOf, WINGS } from './import-rules.ts';
import { ROOT, readSources } from './imports.ts';

const PAGE = 'docs/contributing/code-structure.md';
const [, picture = ''] = /```mermaid\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, PAGE), 'utf8')) ?? [];

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly dotted: boolean;
}

const boxes = new Map(
  [...picture.matchAll(/(\w+)\["([^"]*)"\]/g)].map(([, id = '', text = '']) => [id, text]),
);
const arrows = picture.split('\n').flatMap((line): Arrow[] => {
  const [, from = '', dotted, targets = ''] =
    /^ *(\w+)(?:\["[^"]*"\])? (?:-->|(-\.) [\w ]+ \.->) (.*)$/.exec(line) ?? [];
  return from === '' ? [] : targets.split(' & ').map((to) => ({ from, to, dotted: dotted !== undefined }));
});

/** The box that a file is in. */
function boxOf(path: string): string {
  if (path === 'src/main.ts') return 'service';
  if (path === 'src/ctl.ts') return 'cli';
  if (/^src\/(?!errors)[^/]+\.ts$/.test(path)) return 'files';
  const room = roomOf(path) ?? path.split('/')[1]!;
  return GROUND.includes(room) ? 'ground' : room;
}

/** `FROM TO` of imports from one box to another; of types alone, where an import has nothing else. */
function importsBetween(types: boolean): Set<string> {
  const found = readSources('src').flatMap(({ path, imports }) =>
    isTest(path)
      ? []
      : imports
          .filter(
            ({ kind, typeOnly, target }) =>
              kind === 'source' && typeOnly === types && !target.endsWith('.d.ts'),
          )
          .map(({ target }) => `${boxOf(path)} ${boxOf(target)}`),
  );
  return new Set(found.filter((pair) => new Set(pair.split(' ')).size === 2));
}

/** What `from` reaches by arrows that are not dotted. */
function reached(from: string, seen = new Set<string>()): Set<string> {
  for (const { to } of arrows.filter((each) => each.from === from && !each.dotted)) {
    if (seen.has(to)) continue;
    seen.add(to);
    reached(to, seen);
  }
  return seen;
}

describe('the picture of the source', () => {
  const [code, types] = [importsBetween(false), importsBetween(true)];

  it('has a box for each room', () => {
    const rooms = Object.keys(LAW).map((room) => (GROUND.includes(room) ? 'ground' : room));
    assert.deepEqual([...boxes.keys()].sort(), [...new Set([...rooms, 'cli', 'files', 'service'])].sort());
  });

  it('names the wings of a room in their order', () => {
    for (const [id, text] of boxes) {
      const wings = WINGS[`src/${id}`]?.filter((wing) => wing !== '.');
      if (wings === undefined || !text.includes('<br/>')) continue;
      const [, ...lines] = text.split('<br/>');
      assert.deepEqual(
        lines
          .join(' ')
          .split(/, ?/)
          .map((word) => word.trim()),
        wings,
        id,
      );
    }
  });

  it('has no arrow that nothing is behind, and dots those of types alone', () => {
    const empty = arrows.filter(({ from, to, dotted }) => {
      const pair = `${from} ${to}`;
      return dotted ? code.has(pair) || !types.has(pair) : !code.has(pair) && !types.has(pair);
    });
    assert.deepEqual(empty, []);
  });

  it('shows all code that is imported, and all types', () => {
    const missing = (pairs: ReadonlySet<string>, dotted: boolean): string[] =>
      [...pairs].filter((pair) => {
        const [from = '', to = ''] = pair.split(' ');
        const direct = dotted && arrows.some((each) => each.dotted && each.from === from && each.to === to);
        return !direct && !reached(from).has(to);
      });
    assert.deepEqual(missing(code, false), []);
    assert.deepEqual(missing(types, true), []);
  });
});
