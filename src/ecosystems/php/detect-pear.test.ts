import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pearRecord } from '../../formats/pear/serialized.fixture.ts';
import { readFiles } from '../read-files.fixture.ts';
import { PACKAGIST } from './detect-installed.ts';
import { pearPackages } from './detect-pear.ts';
import { lookups, PACKAGIST_SCOPE } from './lookups.ts';

const PATH = 'usr/local/lib/php/.registry/archive_tar.reg';

describe('packages of PEAR', () => {
  it('are those of Packagist that the vendor pear has', () => {
    const found = readFiles(pearPackages, { [PATH]: pearRecord('Archive_Tar', '1.4.14') });
    const installed = { name: 'pear/Archive_Tar', version: '1.4.14', kind: 'binary' } as const;
    assert.deepEqual(found, [
      { found: 'package', package: { ...installed, database: `pear:${PATH}`, path: PATH } },
      { found: 'repository', repository: PACKAGIST },
    ]);
    assert.deepEqual(lookups({ package: installed, repository: PACKAGIST }), [
      { scope: PACKAGIST_SCOPE, name: 'pear/archive_tar', kind: 'binary', version: '1.4.14' },
    ]);
  });

  it('are told where a record cannot be read, and lose no other', () => {
    const reasons = readFiles(pearPackages, {
      [PATH]: 'a:1:{s:4:"name";',
      'b/.registry/lab.reg': pearRecord('', '1.0'),
      'c/.registry/lab.reg': pearRecord('Lab', '1.0'),
    }).map((each) => (each.found === 'problem' ? each.reason : each.found));
    assert.deepEqual(reasons, [
      'no value at byte 16',
      '1 package without a readable name and version',
      'package',
      'repository',
    ]);
  });

  for (const [path, is] of [
    [PATH, true],
    ['usr/share/php/.registry/.channel.pear.php.net/mail.reg', true],
    ['usr/local/lib/php/.registry/.channel.pecl.php.net/apcu.reg', false],
    ['usr/local/lib/php/.channels/pear.php.net.reg', false],
  ] as const)
    it(`${path}: ${is}`, () =>
      assert.equal(pearPackages.wants!({ path, type: 'file', size: 1, mode: 0o644 }), is));
});
