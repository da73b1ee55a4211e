/** What this ecosystem gives to the tests that hold for all. */
import { file, type Said, type Sample } from '../../contract/sample.fixture.ts';
import { type Distribution, NO_DISTRIBUTION } from '../../model/package.ts';
import { DISTRIBUTIONS, derivativeScopes } from './distributions.ts';

const said = (key: string, distribution: Distribution): Said => ({
  scope: { key, distribution },
  kind: 'source',
  shape: 'fix',
});

export const sample: Sample = {
  of: 'apk',
  files: [
    file(
      'etc/os-release',
      'ID=alpine\nNAME="Alpine Linux"\nVERSION_ID=3.18.4\nPRETTY_NAME="Alpine Linux v3.18"\n',
    ),
    file('lib/apk/db/installed', 'P:musl\nV:1.2.4-r1\nA:x86_64\no:musl\n\n'),
  ],
  distros: [
    'alpine-3.18.4',
    'alpine-edge',
    'wolfi-20230201',
    'chainguard-20230214',
    'minimos-20260101',
    'alpaquita-23',
    'cleanstart-1',
  ],
  says: {
    alpine: [
      said('alpine:3.18', { ...NO_DISTRIBUTION, did: 'alpine', name: 'Alpine Linux', versionId: '3.18' }),
    ],
    ...Object.fromEntries(
      DISTRIBUTIONS.flatMap((row) =>
        'secdb' in row.source
          ? [[row.id, derivativeScopes(row).map((scope) => ({ scope, kind: 'source', shape: 'fix' }))]]
          : [],
      ),
    ),
    osv: DISTRIBUTIONS.flatMap((row) =>
      'dump' in row.source
        ? derivativeScopes(row).map((scope): Said => ({ scope, kind: 'source', shape: 'interval' }))
        : [],
    ),
  },
};
