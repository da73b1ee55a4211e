/** Finds the packages in switches of opam: `.opam-switch/packages/NAME.VERSION/opam` (opam manual). */
import { recordDetector } from '../record-files.ts';
import { OPAM } from './lookups.ts';

const INSTALLED = /(?:^|\/)\.opam-switch\/packages\/([A-Za-z0-9_+-]+)\.([^/]+)\/opam$/;

// differs: a detector that Clair does not have: packages in switches of opam
export const installedOcaml = recordDetector(
  {
    id: 'opam',
    part: '.opam-switch/',
    is: INSTALLED,
    read(path) {
      const [, name = '', version = ''] = INSTALLED.exec(path) ?? [];
      return [{ name, version }];
    },
    lists: {
      // What a package brought, below the folder of the switch: `"bin/lab" {"F:…"}`.
      is: /(?:^|\/)\.opam-switch\/install\/[^/]+\.changes$/,
      *files(path, text) {
        const prefix = path.slice(0, path.indexOf('.opam-switch/'));
        for (const [, file] of text.matchAll(/^[ \t]*"([^"\n]+)"[ \t]*\{/gm)) yield `${prefix}${file}`;
      },
    },
  },
  { revision: '1', from: OPAM },
);
