/** Finds the packages in databases of GHC: `package.conf.d/NAME-VERSION-….conf` (GHC user's guide, packages). */
import { CUT_IN_LINE } from '../../formats/os/text-lines.ts';
import { fieldsOf, recordDetector } from '../record-files.ts';
import { HACKAGE } from './lookups.ts';

// differs: a detector that Clair does not have: packages in databases of GHC
export const installedHaskell = recordDetector(
  {
    id: 'haskell',
    part: 'package.conf.d/',
    is: /(?:^|\/)package\.conf\.d\/[^/]+\.conf$/,
    read(_path, text) {
      if (!text.endsWith('\n')) throw new Error(CUT_IN_LINE);
      // A field may begin in the next line.
      const [name, version] = fieldsOf(text.replaceAll(/:\r?\n[ \t]+/g, ': '), 'name', 'version');
      return [{ name: name ?? '', version: version ?? '' }];
    },
  },
  { revision: '1', from: HACKAGE },
);
