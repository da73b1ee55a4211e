/** The rules about rpms excuse what they are for, and nothing beside it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CorpusImage, DEFAULT_CORPUS, hasCorpus, readImages } from './corpus.ts';
import type { RawReport } from './normal-form.ts';
import { ourEvidence } from './session.ts';
import { judgeIndex } from './verdict.ts';

const skip = hasCorpus(DEFAULT_CORPUS)
  ? false
  : 'the recorded answers of Clair are not beside this repository';

type Environments = NonNullable<RawReport['environments']>;

/** A report as ours would be: of the two environments of an rpm, one that says what both say. */
function merged(report: RawReport): RawReport {
  const environments = Object.entries(report.environments ?? {}).map(([id, all]) => {
    const [first] = all;
    const known = all.find(({ distribution_id }) => distribution_id !== '');
    const isRpm = /:rpm:/.test(report.packages?.[id]?.detector ?? '');
    if (!isRpm || first === undefined) return [id, all] as const;
    return [id, [{ ...first, distribution_id: known?.distribution_id ?? '', repository_ids: null }]] as const;
  });
  return { ...report, environments: Object.fromEntries(environments) as Environments };
}

describe('the rules about rpms', { skip }, () => {
  const detectors = new Set(['rpm', 'rhel', 'aws', 'oracle', 'suse', 'photon']);
  const evidence = skip === false ? { ...ourEvidence(DEFAULT_CORPUS), abilities: { detectors } } : undefined;
  const images = skip === false ? readImages(DEFAULT_CORPUS) : [];
  const onlyRpms = (report: RawReport): RawReport => ({
    ...report,
    packages: Object.fromEntries(
      Object.entries(report.packages ?? {}).filter(([, { detector }]) => /:rpm:/.test(detector ?? '')),
    ),
    repository: {},
  });
  const wrong = (image: CorpusImage, index: RawReport) => {
    const { postStatus, vulnerabilityStatus } = image.golden;
    return judgeIndex(image, { postStatus, index, vulnerabilityStatus, vulnerability: undefined }, evidence!)
      .wrong;
  };

  it('excuse one environment in place of two, and nothing that is lost or changed', () => {
    let judged = 0;
    for (const image of images) {
      const golden = onlyRpms(image.golden.index);
      const [id, pkg] = Object.entries(golden.packages ?? {})[0] ?? [];
      // Each rpm in one database: the others are for the rule about databases that were removed.
      const single = Object.values(golden.environments ?? {}).every(
        (all) => new Set(all.map(({ package_db }) => package_db)).size === 1,
      );
      if (id === undefined || pkg === undefined || !single) continue;
      const ours = merged(golden);
      assert.deepEqual(wrong(image, ours), [], image.name);
      judged += 1;

      const [environment] = ours.environments?.[id] ?? [];
      assert.ok(environment);
      const without = Object.fromEntries(Object.entries(ours.packages!).filter(([other]) => other !== id));
      const changes: [what: string, report: RawReport][] = [
        ['version', { ...ours, packages: { ...without, [id]: { ...pkg, version: `${pkg.version}.1` } } }],
        ['name', { ...ours, packages: { ...without, [id]: { ...pkg, name: 'nonsense' } } }],
        ['arch', { ...ours, packages: { ...without, [id]: { ...pkg, arch: 's390' } } }],
        [
          'source',
          { ...ours, packages: { ...without, [id]: { ...pkg, source: { name: 'x', version: '1:1-1' } } } },
        ],
        [
          'layer',
          {
            ...ours,
            environments: { ...ours.environments, [id]: [{ ...environment, introduced_in: 'sha256:00' }] },
          },
        ],
      ];
      // Without all its rpms an image of a removed database is right, and so it is without one.
      if (wrong(image, { ...ours, packages: {} }).length > 0) {
        changes.push(['package', { ...ours, packages: without }]);
      }
      if (environment.distribution_id !== '') {
        changes.push([
          'distribution',
          {
            ...ours,
            environments: { ...ours.environments, [id]: [{ ...environment, distribution_id: '' }] },
          },
        ]);
      }
      for (const [what, report] of changes) {
        assert.notDeepEqual(wrong(image, report), [], `${image.name}: ${what}`);
      }
    }
    assert.ok(judged > 0);
  });
});
