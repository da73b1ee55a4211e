/** Verdicts on real advisories of Bitnami's, as an evaluation of their ranges by others came to them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { openZip } from '../../formats/archives/zip.ts';
import { advisoriesOf } from '../../formats/osv/record.ts';
import type { Advisory } from '../../model/advisory.ts';
import { BITNAMI } from './bitnami-feed.ts';
import { lookups, UPSTREAM } from './lookups.ts';
import { programVersions } from './version.ts';

const FOLDER = new URL('../../../../shared/programs/', import.meta.url);

function readAdvisories(problems: string[]): Map<string, Advisory[]> {
  const bytes = readFileSync(new URL('bitnami/all.zip', FOLDER));
  const zip = openZip((offset, length) => bytes.subarray(offset, offset + length), bytes.length, {
    entries: 10_000,
  });
  const byName = new Map<string, Advisory[]>();
  for (const entry of zip.entries()) {
    const json: unknown = JSON.parse(zip.readEntry(entry, 10_000_000).toString());
    const problem = (reason: string) => problems.push(`${entry.name}: ${reason}`);
    for (const each of advisoriesOf(json, BITNAMI, { now: new Date(), problem }))
      byName.set(each.name, [...(byName.get(each.name) ?? []), each]);
  }
  return byName;
}

/** As matching does it: by keys. */
function holds({ from, below, upTo }: Advisory, version: string): boolean {
  const key = (text: string) => {
    const parsed = programVersions.parse(text);
    assert.ok(parsed, `${text} is no version`);
    return programVersions.key(parsed)!;
  };
  const own = key(version);
  return (
    (from === undefined || Buffer.compare(key(from), own) <= 0) &&
    (below === undefined || Buffer.compare(own, key(below)) < 0) &&
    (upTo === undefined || Buffer.compare(own, key(upTo)) <= 0)
  );
}

const skip = !existsSync(FOLDER) && 'the real advisories are not here';

describe('versions of programs and the ranges of Bitnami', { skip }, () => {
  const problems: string[] = [];
  const advisories = skip ? new Map<string, Advisory[]>() : readAdvisories(problems);
  const lines = skip ? [] : readFileSync(new URL('expected.tsv', FOLDER), 'utf8').trim().split('\n').slice(1);
  it('are all read', () => {
    assert.deepEqual(problems, []);
    assert.equal(lines.length, 150);
  });
  for (const line of lines) {
    const [name = '', version = '', , , ids = ''] = line.split('\t');
    it(`${name} ${version}`, () => {
      const [lookup] = lookups({ package: { name, version, kind: 'binary' }, repository: UPSTREAM });
      const found = (advisories.get(name) ?? []).filter((each) => holds(each, lookup!.version));
      const got = [...new Set(found.map(({ vulnerability }) => vulnerability.name))].sort();
      const want = ids.split(' ').filter((id) => id !== '-');
      assert.deepEqual(got, want.sort());
    });
  }
});
