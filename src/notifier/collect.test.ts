import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../errors.ts';
import { SEVERITIES } from '../model/severity.ts';
import { BEGINNING, collect, type Item, type SetPlace } from './collect.ts';
import { compareWeight, narrow } from './narrow.ts';
import { vulnerability, worldManifests } from './notifier.fixture.ts';
import type { Change, ManifestSource } from './sources.ts';

const { signal } = new AbortController();

async function items(
  changes: readonly Change[],
  manifests: ManifestSource,
  { summary = true, problems = [] }: { summary?: boolean; problems?: string[] } = {},
): Promise<string[]> {
  const got: Item[] = [];
  await collect(streamOf(changes), {
    manifests,
    summary,
    signal,
    from: BEGINNING,
    pause: 1,
    problem: (reason) => problems.push(reason),
    write: async (batch) => {
      assert.ok(batch.length <= 2000);
      got.push(...batch);
    },
  });
  return told(got, summary);
}

/** In a summary the store keeps the most severe of what comes again. */
function told(got: readonly Item[], summary: boolean): string[] {
  const best = new Map<string, Item>();
  for (const item of got) {
    const { manifest, reason, vulnerability } = item;
    const key = [manifest, reason, ...(summary ? [] : [vulnerability.body])].join(' ');
    const rival = best.get(key);
    if (rival === undefined || compareWeight(vulnerability, rival.vulnerability) < 0) best.set(key, item);
  }
  return [...best.values()]
    .map(({ manifest, reason, vulnerability: { name, rank } }) => `${manifest} ${reason} ${name} ${rank}`)
    .sort();
}

const streamOf = (changes: readonly Change[]) =>
  async function* () {
    yield* changes;
  };

const change = (reason: Change['reason'], name: string, severity = 'High', more = {}): Change => ({
  reason,
  vulnerability: vulnerability(name, severity, more),
});

describe('what is told of', () => {
  const affecting = (affected: Record<string, string[]>) => worldManifests({ states: {}, affected });

  it('in a summary: the most severe that came, and the most severe that went', async () => {
    const changes = [
      change('added', 'A', 'Low'),
      change('added', 'B', 'Critical'),
      change('removed', 'C', 'Medium'),
      change('removed', 'D', 'Critical'),
      change('added', 'E', 'Critical', { Invert: true }),
    ];
    const manifests = affecting({ A: ['m1', 'm2'], B: ['m1'], C: ['m1'], D: ['m3'], E: ['m4'] });
    const want = ['m1 added B 5', 'm1 removed C 3', 'm2 added A 2', 'm3 removed D 5'];
    assert.deepEqual(await items(changes, manifests), want);
    assert.deepEqual(await items(changes.toReversed(), manifests), want);
    assert.deepEqual(await items(changes, manifests, { summary: false }), ['m1 added A 2', ...want].sort());
  });

  it('does not depend on order, nor on how the changes are cut', async () => {
    const name = fc.integer({ min: 0, max: 8 }).map((n) => `V${n}`);
    const one = fc.record({
      name,
      severity: fc.constantFrom(...SEVERITIES),
      reason: fc.constantFrom('added', 'removed'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(one, { maxLength: 30 }),
        fc.dictionary(name, fc.array(fc.constantFrom('m1', 'm2', 'm3'))),
        fc.integer({ min: 1, max: 5 }),
        async (list, affected, most) => {
          const changes = list.map(({ reason, name, severity }) => change(reason as 'added', name, severity));
          const whole = affecting(affected);
          const cut: ManifestSource = {
            async *affected(asked, stop) {
              if (asked.length > most) throw new AppError('too-large', 'too much');
              yield* whole.affected(asked, stop);
            },
          };
          const want = await items(changes, whole);
          assert.deepEqual(await items(changes.toReversed(), cut), want);
          for (const line of want)
            assert.equal(want.filter((other) => other.startsWith(line.split(' ', 2).join(' '))).length, 1);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('asks again after a failure of the indexer, but not for ever', async () => {
    let fails = 2;
    const manifests = affecting({ A: ['m'] });
    const shaky: ManifestSource = {
      async *affected(asked, stop) {
        if (fails-- > 0) throw new AppError('service', '429');
        stop.problem('x');
        yield* manifests.affected(asked, stop);
      },
    };
    const problems: string[] = [];
    assert.deepEqual(await items([change('added', 'A')], shaky, { problems }), ['m added A 4']);
    assert.deepEqual(problems, ['x']);
    fails = 3;
    await assert.rejects(items([change('added', 'A')], shaky), /429/);
  });

  it('goes on where it was left, and begins anew where that is of other changes', async () => {
    const changes = [change('added', 'A', 'Low'), change('added', 'B', 'High')];
    const asked: string[] = [];
    const manifests: ManifestSource = {
      async *affected(_changes, { after }) {
        asked.push(after);
        for (let page = Number(after); page < 3; page++)
          yield { manifests: [[`m${page}`, [0]]], next: String(page + 1) };
      },
    };
    const options = { manifests, summary: true, signal, problem: assert.fail };
    const places: SetPlace[] = [];
    const write = async (_items: readonly Item[], place: SetPlace) => void places.push(place);
    await collect(streamOf(changes), { ...options, from: BEGINNING, write });
    assert.deepEqual(
      places.map(({ next }) => next),
      ['1', '2', '3'],
    );
    const resume = async (list: readonly Change[], from: SetPlace) => {
      const got: string[] = [];
      await collect(streamOf(list), {
        ...options,
        from,
        write: async (items) => void got.push(...items.map(({ manifest }) => manifest)),
      });
      return got;
    };
    assert.deepEqual(await resume(changes, places[1]!), ['m2']);
    assert.deepEqual(await resume(changes.slice(1), places[1]!), ['m0', 'm1', 'm2']);
    assert.deepEqual(await resume([], places[1]!), []);
    assert.deepEqual(asked, ['', '2', '']);
  });

  it('is written as Clair does, with the severity that Quay reads', () => {
    const full = vulnerability('A', 'High', { range: {}, Self: {} });
    assert.deepEqual(Object.keys(narrow(full)), [
      'name',
      'description',
      'package',
      'distribution',
      'repo',
      'severity',
      'normalized_severity',
      'fixed_in_version',
      'links',
    ]);
    const strange = { name: 7, normalized_severity: 'Awful', package: null, repository: [] };
    assert.deepEqual(narrow(strange), {
      name: '',
      description: '',
      severity: 'Unknown',
      normalized_severity: 'Unknown',
      fixed_in_version: '',
      links: '',
    });
  });
});
