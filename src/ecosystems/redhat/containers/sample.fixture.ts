/** What this ecosystem gives to the tests that hold for all. */
import { file, type Sample } from '../../../contract/sample.fixture.ts';
import { parseCpe } from '../scopes/cpe.ts';
import { rhccScope } from '../scopes/scopes.ts';

const BASEOS = parseCpe('cpe:/o:redhat:enterprise_linux:8::baseos')!;

export const sample: Sample = {
  of: 'rhcc',
  files: [
    file(
      'root/buildinfo/labels.json',
      JSON.stringify({
        name: 'lab/app',
        architecture: 'x86_64',
        'org.opencontainers.image.created': '2024-05-01T00:00:00Z',
        cpe: 'cpe:/a:redhat:lab:1::el9',
      }),
    ),
  ],
  says: { 'rhel-vex': [{ scope: rhccScope(BASEOS), kind: 'binary', shape: 'interval' }] },
};
