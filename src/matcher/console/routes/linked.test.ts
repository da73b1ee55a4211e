import assert from 'node:assert/strict';
import { it } from 'node:test';
import { hashOfFunction } from '../../../formats/programs/function-hash.ts';
import { encodeFilter } from '../../../lib/name-filter.ts';
import type { ConsoleFindings, ConsoleImageDetail } from '../../../model/api/console/types.ts';
import type { LinkedCode } from '../../../model/linked-code.ts';
import { advisory, text } from '../../matcher.fixture.ts';
import { digestOf, ToyConsole } from '../console.fixture.ts';
import { serveToy } from './serving.fixture.ts';

it('lists findings last whose vulnerable code is not in the program, in every order', async () => {
  const about = (name: string, normalizedSeverity: 'Critical' | 'Low', symbol?: string) =>
    advisory('lab', name, {
      below: '2',
      ...(symbol !== undefined && { code: [{ path: 'lab', symbols: [symbol] }] }),
      vulnerability: text(name, { normalizedSeverity }),
    });
  await using toy = await ToyConsole.open([
    about('CVE-2026-1', 'Critical', 'Absent'),
    about('CVE-2026-2', 'Low', 'There'),
    about('CVE-2026-3', 'Low'),
  ]);
  const linked: LinkedCode = {
    platforms: [],
    packages: { lab: [''] },
    functions: encodeFilter(Float64Array.of(hashOfFunction('lab', 'There')), 100),
  };
  toy.index(1, { packages: [{ name: 'lab', version: '1' }], linked });
  await toy.keepUp();
  await using served = await serveToy(toy);
  const image = `images/${digestOf(1)}`;
  for (const sort of ['-risk', 'risk', '-severity', 'id', 'package', '-since']) {
    const { findings }: ConsoleFindings = await served.get(`${image}/findings?sort=${sort}`);
    const states = Object.fromEntries(findings.map((each) => [each.id, each.linked]));
    assert.deepEqual(states, { 'CVE-2026-1': 'no', 'CVE-2026-2': 'symbol', 'CVE-2026-3': null });
    assert.equal(findings.at(-1)?.id, 'CVE-2026-1', sort);
  }
  const detail: ConsoleImageDetail = await served.get(image);
  assert.equal(detail.not_linked, 1);
});
