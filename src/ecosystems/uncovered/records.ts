/** Package managers of which no feed speaks: where each has its records, and how one is read. */
import { fieldOf, parseJson } from '../../formats/json/file.ts';
import type { Listed } from '../../formats/locks/list.ts';

export interface RecordKind {
  /** Of the detector. */
  readonly id: string;
  /** Of the path. */
  readonly is: RegExp;
  /** The packages of a record; of some its path says all. Throws if it is none. */
  read(path: string, text: string): readonly Listed[];
}

function listed(name: unknown, version: unknown): Listed[] {
  return [
    { name: typeof name === 'string' ? name : '', version: typeof version === 'string' ? version : '' },
  ];
}

/** By the first two groups of `pattern`. */
function byPath(path: string, pattern: RegExp): Listed[] {
  const [, name, version] = pattern.exec(path) ?? [];
  return listed(name, version);
}

const LUAROCKS = /(?:^|\/)rocks(?:-\d[\d.]*)?\/([^/]+)\/([^/]+)\/[^/]+\.rockspec$/;
const HOMEBREW = /(?:^|\/)(?:Cellar|Caskroom)\/([^/]+)\/([^/]+)\/INSTALL_RECEIPT\.json$/;
/** Package Manager Specification, 14: a version begins with a digit behind the last such hyphen. */
const PORTAGE = /(?:^|\/)var\/db\/pkg\/([^/]+\/[^/]+)-(\d[^/-]*(?:-r\d+)?)\/PF$/;

export const RECORDS: readonly RecordKind[] = [
  {
    id: 'conda',
    is: /(?:^|\/)conda-meta\/[^/]+\.json$/,
    read(_path, text) {
      const document = parseJson(text);
      return listed(fieldOf(document, 'name'), fieldOf(document, 'version'));
    },
  },
  {
    id: 'cpan',
    is: /(?:^|\/)\.meta\/[^/]+\/install\.json$/,
    read(_path, text) {
      const document = parseJson(text);
      return listed(
        fieldOf(document, 'dist') ?? fieldOf(document, 'name'),
        String(fieldOf(document, 'version') ?? ''),
      );
    },
  },
  { id: 'luarocks', is: LUAROCKS, read: (path) => byPath(path, LUAROCKS) },
  { id: 'homebrew', is: HOMEBREW, read: (path) => byPath(path, HOMEBREW) },
  { id: 'portage', is: PORTAGE, read: (path) => byPath(path, PORTAGE) },
  {
    // It keeps what a package says of itself as long as it is installed.
    id: 'opkg',
    is: /(?:^|\/)opkg\/info\/[^/]+\.control$/,
    read(_path, text) {
      const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(text)?.[1]?.trim();
      return listed(field('Package'), field('Version'));
    },
  },
];
