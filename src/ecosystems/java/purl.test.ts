import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Digest } from '../../model/digest.ts';
import type { Clues, Package } from '../../model/package.ts';
import { formatPurl } from '../../model/purl.ts';
import { purl } from './purl.ts';

const ENVIRONMENT = { packageDb: 'jar:a.jar', introducedIn: `sha256:${'0'.repeat(64)}` as Digest };

describe('package URLs of archives', () => {
  const clues = (more: Partial<Clues>): Clues => ({ names: [], groups: [], folders: [], root: '', ...more });
  const cases: [what: string, written: Partial<Package>, want: string][] = [
    ['that say their coordinates', { name: 'g.h:a' }, 'pkg:maven/g.h/a@1'],
    [
      'whose manifest says a group',
      { name: 'a', clues: clues({ names: ['a'], groups: ['com.lab'], root: 'com.lab.a' }) },
      'pkg:maven/com.lab/a@1',
    ],
    [
      'whose classes have something in common',
      { name: 'Lab Inc.', clues: clues({ names: ['jrt-fs'], root: 'jdk.internal' }) },
      'pkg:maven/jdk.internal/jrt-fs@1',
    ],
    [
      'of which nothing else is known',
      { name: 'commons-io', clues: clues({}) },
      'pkg:maven/commons-io/commons-io@1',
    ],
    ['that an SBOM has without a group', { name: 'commons-io' }, 'pkg:maven/commons-io@1'],
  ];
  for (const [what, written, want] of cases)
    it(what, () => {
      const made = purl.toPurl({ version: '1', kind: 'binary', name: '', ...written }, ENVIRONMENT);
      assert.equal(made && formatPurl(made), want);
    });
});
