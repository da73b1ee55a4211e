import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asFile } from '../../formats/programs/programs.fixture.ts';
import { programs } from './programs.ts';

function detect(path: string, content: string) {
  const file = asFile(Buffer.from(content, 'latin1'), path);
  if (!programs.inspects!(file)) return [];
  return [...programs.inspect!(file, file)];
}

describe('programs that no package brought', () => {
  const cases: [path: string, content: string, want: string | undefined][] = [
    ['usr/local/bin/node', '\x7fELF node-vulnerable https://x/node-v16.20.2.tar.gz', 'nodejs 16.20.2'],
    ['usr/local/bin/node', '\x7fELF', 'nodejs '],
    ['usr/local/bin/python3.7', '\x7fELF', 'python 3.7'],
    ['usr/bin/python2.7', '\x7fELF', 'python 2.7'],
    ['usr/local/bin/node-gyp', '\x7fELF', undefined],
    ['usr/local/bin/python3.7-config', '\x7fELF', undefined],
  ];
  for (const [path, content, want] of cases) {
    it(`${path}: ${want}`, () => {
      const [found] = detect(path, content);
      if (want === undefined) return assert.equal(found, undefined);
      assert.ok(found?.found === 'problem');
      assert.equal(found.kind, 'unchecked-program');
      assert.equal(`${found.program?.name} ${found.program?.version}`, want);
    });
  }
});
