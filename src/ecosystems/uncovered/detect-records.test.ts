import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readFiles } from '../read-files.fixture.ts';
import { recordDetectors } from './detect-records.ts';

/** What whoever wants a file of this path finds in it. */
function found(path: string, text: string): string[] {
  return recordDetectors
    .filter(({ wants }) => wants!({ path, type: 'file', size: 1, mode: 0o644 }))
    .flatMap((detector) =>
      readFiles(detector, { [path]: text }).map((each) =>
        each.found === 'package'
          ? `${detector.id} ${each.package.name} ${each.package.version}`
          : `${detector.id} ! ${each.found}`,
      ),
    );
}

describe('packages of which no feed speaks', () => {
  const cases: [path: string, text: string, want: string[]][] = [
    [
      'opt/conda/conda-meta/openssl-3.0.7-h0.json',
      '{"name":"openssl","version":"3.0.7"}',
      ['conda openssl 3.0.7'],
    ],
    ['opt/conda/conda-meta/x.json', '{"cut', ['conda ! problem']],
    ['opt/conda/conda-meta/history', '{}', []],
    [
      'usr/local/lib/perl5/.meta/Lab-1.0/install.json',
      '{"dist":"Lab-1.0","name":"Lab","version":1.0}',
      ['cpan Lab-1.0 1'],
    ],
    ['usr/lib/luarocks/rocks-5.4/lpeg/1.0.2-1/lpeg-1.0.2-1.rockspec', '', ['luarocks lpeg 1.0.2-1']],
    ['home/linuxbrew/.linuxbrew/Cellar/jq/1.7/INSTALL_RECEIPT.json', '{}', ['homebrew jq 1.7']],
    ['var/db/pkg/dev-libs/openssl-1.1.1-r1/PF', 'openssl-1.1.1-r1', ['portage dev-libs/openssl 1.1.1-r1']],
    ['var/db/pkg/dev-libs/lib-2-fast-1.0/PF', '', ['portage dev-libs/lib-2-fast 1.0']],
    ['usr/lib/opkg/info/a.control', 'Package: a\nVersion: 1-2\nArchitecture: x\n', ['opkg a 1-2']],
  ];
  for (const [path, text, want] of cases) it(path, () => assert.deepEqual(found(path, text), want));
});
