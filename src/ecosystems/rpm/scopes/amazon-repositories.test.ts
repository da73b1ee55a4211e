import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newestDatabase } from '../../coalesce.ts';
import { lookupsOf } from '../../report-lookups.ts';
import { rpmDistributions } from '../index.ts';
import { amazonRelease } from './releases.ts';

describe('packages of Amazon Linux beside the core repository', () => {
  const cases: [release: string, name: string, version: string, beside: string | undefined][] = [
    ['2', 'nginx', '1:1.20.0-1.amzn2.0.1', 'amzn:2:extras-nginx1'],
    ['2', 'nginx-mod-http-perl', '1:1.20.0-1.amzn2.0.1', 'amzn:2:extras-nginx1'],
    ['2', 'php', '5.4.16-46.amzn2.0.5', undefined],
    ['2', 'php-common', '8.2.9-1.amzn2', 'amzn:2:extras-php8.2'],
    ['2', 'kernel', '4.14.355-275.572.amzn2', undefined],
    ['2', 'kernel', '5.10.220-209.867.amzn2', 'amzn:2:extras-kernel-5.10'],
    ['2', 'kernel-livepatch-4.14.165-131.185', '1.0-0.amzn2', 'amzn:2:livepatch'],
    ['2', 'bash', '4.2.46-34.amzn2', undefined],
    ['2023', 'nginx', '1:1.24.0-1.amzn2023.0.2', undefined],
    ['2023', 'kernel-livepatch-6.1.12-17.42', '1.0-1.amzn2023', 'amzn:2023:livepatch'],
  ];
  for (const [release, name, version, beside] of cases) {
    it(`${name} ${version}: ${beside ?? 'the core repository'}`, () => {
      const distribution = amazonRelease(release);
      const { scopes } = lookupsOf(
        {
          manifestHash: 'sha256:0' as never,
          state: 'IndexFinished',
          success: true,
          err: '',
          packages: [
            {
              package: { name, version, kind: 'binary' },
              environments: [{ packageDb: '', introducedIn: 'sha256:0' as never, distribution }],
            },
          ],
          distributions: [distribution],
          repositories: [],
          problems: [],
        },
        [{ ...rpmDistributions, coalesce: newestDatabase }],
      );
      // Each of these has to be known by itself.
      assert.deepEqual(scopes, [[[`amzn:${release}`], ...(beside === undefined ? [] : [[beside]])]]);
    });
  }
});
