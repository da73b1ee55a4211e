import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSources } from './imports.ts';

/** A scanner thread imports these when it starts. */
const STARTS = ['src/indexer/layer-worker.ts', 'src/ecosystems/index.ts'];

describe('a scanner thread', () => {
  it('loads no package but the reader of XML', () => {
    const sources = new Map(readSources('src').map((source) => [source.path, source]));
    const seen = new Set<string>();
    const packages = new Map<string, string>();
    const visit = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      for (const { target, kind, typeOnly, late } of sources.get(path)?.imports ?? []) {
        if (typeOnly || late) continue;
        if (kind === 'source') visit(target);
        else if (kind === 'package') packages.set(target, path);
      }
    };
    STARTS.forEach(visit);
    assert.ok(seen.size > 200, `${seen.size} sources`);
    // Each is loaded by each thread: zod took a fifth of its start.
    assert.deepEqual([...packages.keys()].sort(), ['saxes'], JSON.stringify([...packages]));
  });
});
