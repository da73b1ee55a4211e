/** Holds the import law of docs/contributing/code-structure.md, names of types, the size of files, and the list of ecosystems. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ecosystems } from '../src/ecosystems/index.ts';
import { GROUND, isTest, LAW, LIST, roomOf, WINGS, wingOf } from './import-rules.ts';
import { exportedTypesOf, importsOf, ROOT, readSources, type Source } from './imports.ts';

const MAX_LINES = 400;

/** Rooms of `web/`, from below. */
const WEB_WINGS = ['lib', 'parts', 'views', 'report', 'console'];

/** A family that completes another one, which it may import. */
const COMPLETES: Readonly<Record<string, string>> = { redhat: 'rpm' };

/** Packages that one room alone may import. */
const PACKAGES: Readonly<Record<string, string>> = {
  pg: 'db',
  'pg-copy-streams': 'db',
  'prom-client': 'introspection',
};

function familyOf(path: string): string | undefined {
  return /^src\/ecosystems\/([^/]+)\//.exec(path)?.[1];
}

function isOfFamily(family = '', other = ''): boolean {
  return family === other || COMPLETES[family] === other;
}

/** The room with wings that both files are in, if the first one's wing lies below the other's. */
function climbs(from: string, to: string): boolean {
  return Object.entries(WINGS).some(([room, order]) => {
    if (!from.startsWith(`${room}/`) || !to.startsWith(`${room}/`)) return false;
    return order.indexOf(wingOf(room, from)) < order.indexOf(wingOf(room, to));
  });
}

const sources = readSources('src');

/** What in `source` is against the law. */
function offences(source: Source): string[] {
  const room = roomOf(source.path);
  const found: string[] = [];
  for (const { target, kind, typeOnly } of source.imports) {
    const offend = (why: string) => found.push(`${source.path} imports ${target}: ${why}`);
    if (kind === 'package') {
      const owner = PACKAGES[target];
      if (owner !== undefined && room !== owner) offend(`only src/${owner} may`);
    }
    if (kind !== 'source') continue;
    if (!target.startsWith('src/')) offend('it is outside of src');
    else if (isTest(target)) offend('it is for tests');
    else if (climbs(source.path, target)) offend('a wing imports only those below it');
    else if (room !== undefined) {
      const other = roomOf(target);
      if (other === undefined) offend(`nothing but main, ctl and cli may`);
      else if (other !== room && !LAW[room]?.includes(other)) offend(`${room} may not import ${other}`);
      else if (
        other === 'ecosystem' &&
        room === 'ecosystem' &&
        !isOfFamily(familyOf(source.path), familyOf(target))
      ) {
        offend('families never import each other; what two share is in src/formats');
      } else if (isPeerEngine(room, other) && !typeOnly) offend('engines know each other by interface only');
    }
  }
  return found;
}

function isPeerEngine(room: string, other: string): boolean {
  const engines = ['indexer', 'matcher', 'notifier'];
  return room !== other && engines.includes(room) && engines.includes(other);
}

describe('the import law', () => {
  it('reads all forms of imports', () => {
    const text = [
      "import type { A } from './a.ts';",
      "import { type B, type C } from '../model/b.ts';",
      "import { type D, e } from '../model/d.ts';",
      "import {\n  f,\n  g,\n} from '@scope/name/deep';",
      "import 'node:fs';",
      "export * from './h.ts';",
      "const i = await import('./i.ts');",
      "const j = new Worker(new URL('./j.ts', import.meta.url));",
      "const text = \"import x from './no.ts'\"; // import y from './no.ts'",
      "import k from 'k';",
    ].join('\n');
    const found = importsOf(text, 'src/lib/x.ts');
    assert.deepEqual(found.map(({ target, typeOnly }) => `${typeOnly ? 'type ' : ''}${target}`).sort(), [
      '@scope/name',
      'k',
      'node:fs',
      'src/lib/h.ts',
      'src/lib/i.ts',
      'src/lib/j.ts',
      'src/model/d.ts',
      'type src/lib/a.ts',
      'type src/model/b.ts',
    ]);
  });

  it('holds for every source', () => {
    assert.deepEqual(sources.filter(({ path }) => !isTest(path)).flatMap(offences), []);
  });

  it('permits nothing that is not used', () => {
    const used = new Set(
      sources
        .filter(({ path }) => !isTest(path))
        .flatMap(({ path, imports }) => imports.map(({ target }) => `${roomOf(path)} ${roomOf(target)}`)),
    );
    const unused = Object.entries(LAW).flatMap(([room, permitted]) =>
      permitted
        .filter((each) => !GROUND.includes(each) && !used.has(`${room} ${each}`))
        .map((each) => `${room} imports nothing of ${each}`),
    );
    assert.deepEqual(unused, []);
  });

  it('names every wing, in an order', () => {
    const unnamed = sources.flatMap(({ path }) =>
      Object.entries(WINGS)
        .filter(([room, order]) => path.startsWith(`${room}/`) && !order.includes(wingOf(room, path)))
        .map(() => path),
    );
    assert.deepEqual(unnamed, []);
  });

  it('has no source that imports what is not there', () => {
    const missing = sources.flatMap(({ path, imports }) =>
      imports
        .filter(({ kind, target }) => kind === 'source' && !existsSync(join(ROOT, target)))
        .map(({ target }) => `${path} imports ${target}`),
    );
    assert.deepEqual(missing, []);
  });

  it('has no cycles', () => {
    assert.deepEqual(findCycles(sources), []);
  });

  it(`has no file of more than ${MAX_LINES} lines`, () => {
    const long = sources.filter(({ lines }) => lines > MAX_LINES);
    assert.deepEqual(
      long.map(({ path, lines }) => `${path}: ${lines} lines`),
      [],
    );
  });
});

describe('the console', () => {
  const web = readSources('web');

  it('imports its own files, Preact, and types of src/model', () => {
    const found = web.flatMap(({ path, imports }) =>
      imports
        .filter(({ target, kind, typeOnly }) =>
          kind === 'source'
            ? !target.startsWith('web/') && !(typeOnly && target.startsWith('src/model/'))
            : kind === 'node' || !/^preact(-render-to-string)?(\/|$)/.test(target),
        )
        .map(({ target }) => `${path} imports ${target}`),
    );
    assert.deepEqual(found, []);
  });

  it('imports only wings below', () => {
    const found = web.flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => target.startsWith('web/'))
        .filter(
          ({ target }) => WEB_WINGS.indexOf(wingOf('web', path)) < WEB_WINGS.indexOf(wingOf('web', target)),
        )
        .map(({ target }) => `${path} imports ${target}`),
    );
    assert.deepEqual(found, []);
    assert.deepEqual([...new Set(web.map(({ path }) => wingOf('web', path)))].sort(), [...WEB_WINGS].sort());
  });

  it('has no cycles, and no long file', () => {
    assert.deepEqual(findCycles(web), []);
    assert.deepEqual(
      web.filter(({ lines }) => lines > MAX_LINES).map(({ path }) => path),
      [],
    );
  });
});

describe('names', () => {
  it('are read of all forms of exported types', () => {
    const text = [
      'export interface A {}',
      'export type B<T> = T;',
      'export abstract class C {}',
      'export declare class D {}',
      'export class E extends C {}',
      "export type { F } from './f.ts';",
      'interface G {}',
      '  export type H = 1;',
      'export const I = 1;',
    ].join('\n');
    assert.deepEqual(exportedTypesOf(text), ['A', 'B', 'C', 'D', 'E']);
  });

  // Two concepts have two names, and one concept is one type.
  it('of exported types are there once', () => {
    const homes = Map.groupBy(
      sources.flatMap(({ path, types }) => types.map((name) => ({ name, path }))),
      ({ name }) => name,
    );
    const shared = [...homes]
      .filter(([, places]) => places.length > 1)
      .map(([name, places]) => `${name}: ${places.map(({ path }) => path).join(', ')}`);
    assert.deepEqual(shared, []);
  });

  it('of files that only tests import end in .fixture.ts', () => {
    const importers = new Map<string, string[]>();
    for (const { path, imports } of [...sources, ...['test', 'scripts', 'bench'].flatMap(readSources)]) {
      for (const { target } of imports) importers.set(target, [...(importers.get(target) ?? []), path]);
    }
    const helpers = sources.filter(({ path }) => {
      const by = importers.get(path) ?? [];
      // Nobody's: the programs, and what runs in a process or thread of its own.
      return !isTest(path) && by.length > 0 && by.every((from) => isTest(from) || !from.startsWith('src/'));
    });
    assert.deepEqual(
      helpers.map(({ path }) => path),
      [],
    );
  });
});

describe('the list of ecosystems', () => {
  it('has every folder of src/ecosystems exactly once', () => {
    const folders = readdirSync(join(ROOT, 'src/ecosystems'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
    const list = sources.find(({ path }) => path === LIST);
    const listed = (list?.imports ?? []).flatMap(({ target }) => familyOf(target) ?? []).sort();
    const completed = listed.flatMap((family) => COMPLETES[family] ?? []);
    assert.deepEqual([...new Set([...listed, ...completed])].sort(), folders);
    assert.deepEqual(repeated(listed), [], 'one index.ts a folder says all of it');
  });

  it('has no id twice', () => {
    assert.deepEqual(repeated(ecosystems.map(({ id }) => id)), []);
    const detectors = ecosystems.flatMap((ecosystem) => [...new Set(ecosystem.detectors)]);
    assert.deepEqual(repeated([...new Set(detectors)].map(({ id, kind }) => `${kind} ${id}`)), []);
  });

  it('gives every detector a way to look, a revision and a kind', () => {
    const odd = ecosystems
      .flatMap(({ detectors }) => detectors)
      .filter((d) => d.revision === '' || (d.read === undefined && d.inspect === undefined))
      .map(({ id }) => id);
    assert.deepEqual(odd, []);
    const blind = ecosystems
      .flatMap(({ detectors }) => detectors)
      .filter((d) => d.inspect !== undefined && (d.magic === undefined || d.inspects === undefined))
      .map(({ id }) => id);
    assert.deepEqual(blind, [], 'inspect needs inspects and magic');
  });
});

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

/** Each cycle once, as `a -> b -> a`; types count too: a cycle of types is one idea in two files. */
function findCycles(all: readonly Source[]): string[] {
  const edges = new Map(
    all.map(({ path, imports }) => [
      path,
      imports.filter(({ kind }) => kind === 'source').map(({ target }) => target),
    ]),
  );
  const done = new Set<string>();
  const cycles = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const cycle = trail.slice(start);
      const first = cycle.indexOf([...cycle].sort()[0] ?? path);
      const turned = [...cycle.slice(first), ...cycle.slice(0, first)];
      cycles.add([...turned, turned[0]].join(' -> '));
      return;
    }
    if (done.has(path)) return;
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return [...cycles];
}
