/**
 * Finds the packages that PEAR's installer has put beside PHP, with PHP itself or later. Packagist has the packages of pear.php.net as
 * those of the vendor `pear`, with the same versions; only there advisories speak of them (docs/decisions/063-pear-by-packagist.md).
 */
import { readPearRecord } from '../../formats/pear/registry.ts';
import { recordDetector } from '../record-files.ts';
import { PACKAGIST } from './detect-installed.ts';

/** Those of PEAR's own channel, which is none in paths; of others `ecosystems/uncovered` tells. */
const RECORD = /(?:^|\/)\.registry\/(?:\.channel\.pear\.php\.net\/)?[^/]+\.reg$/;

// differs: a detector that Clair does not have: PEAR packages
export const pearPackages = recordDetector(
  {
    id: 'pear',
    part: '.registry/',
    is: RECORD,
    read(_path, _text, bytes) {
      const { name, version } = readPearRecord(bytes);
      return [{ name: name && `pear/${name}`, version }];
    },
    lists: { is: RECORD, files: (_path, _text, bytes) => readPearRecord(bytes).files },
  },
  { revision: '1', from: PACKAGIST },
);
