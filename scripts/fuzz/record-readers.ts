/** The readers of records and archives of package managers that have one kind of file each, for `readers.ts`. */
import { asar } from '../../src/ecosystems/node/asar.fixture.ts';
import { electronArchives } from '../../src/ecosystems/node/detect-asar.ts';
import { pearPackages } from '../../src/ecosystems/php/detect-pear.ts';
import { recordDetectors } from '../../src/ecosystems/uncovered/detect-records.ts';
import { pearRecord } from '../../src/formats/pear/serialized.fixture.ts';
import type { FuzzedReader } from './reader.ts';

const NODE = '{"name":"lab","version":"1.2.3","dependencies":{"lot":"^4"}}';

export const RECORD_READERS: Readonly<Record<string, FuzzedReader>> = {
  asar: {
    detector: electronArchives,
    path: 'opt/Lab/resources/app.asar',
    seeds: () => [
      asar({
        'main.js': 'x',
        'node_modules/@s/lab/package.json': NODE,
        'node_modules/lot/package.json': NODE,
      }),
    ],
  },
  bower: {
    detector: recordDetectors.find(({ id }) => id === 'bower')!,
    path: 'srv/www/bower_components/lab/.bower.json',
    seeds: () => [Buffer.from('{"name":"lab","version":"1.2.3","_release":"1.2.3"}')],
  },
  pear: {
    detector: pearPackages,
    path: 'usr/local/lib/php/.registry/lab.reg',
    seeds: () => [Buffer.from(pearRecord('Lab', '1.2.3', ['/usr/local/lib/php/Lab.php']))],
  },
  swipl: {
    detector: recordDetectors.find(({ id }) => id === 'swipl')!,
    path: 'root/.local/share/swi-prolog/pack/lab/pack.pl',
    seeds: () => [Buffer.from("name(lab).\ntitle('A lab').\nversion('1.2.3').\n")],
  },
  pecl: {
    detector: recordDetectors.find(({ id }) => id === 'pecl')!,
    path: 'usr/local/lib/php/.registry/.channel.pecl.php.net/lab.reg',
    seeds: () => [Buffer.from(pearRecord('lab', '1.2.3', ['/usr/local/lib/php/lab.so']))],
  },
};
