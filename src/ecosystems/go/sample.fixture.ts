/** What this ecosystem gives to the tests that hold for all. */

import { file, type Sample, saidOfLanguage } from '../../contract/sample.fixture.ts';
import { goProgram } from './function-table.fixture.ts';
import { GO_SCOPE } from './lookups.ts';

export const sample: Sample = {
  of: 'go',
  files: [
    file(
      'app/run',
      goProgram(
        {
          version: 'go1.21.5',
          modules:
            'path\texample.com/Main\nmod\texample.com/Main\tv1.0.0\t\ndep\tgolang.org/x/net\tv0.17.0\th1:a=\n',
        },
        ['golang.org/x/net/html.(*Tokenizer).Next', 'net/http.Get'],
      ),
      0o755,
    ),
  ],
  says: saidOfLanguage(GO_SCOPE, 'interval'),
};
