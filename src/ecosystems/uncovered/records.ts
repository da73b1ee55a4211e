/** Package managers of which no feed speaks: where each has its records, how one is read, and which files its packages have. */
import { fieldOf, parseJson } from '../../formats/json/file.ts';
import type { Listed } from '../../formats/locks/list.ts';
import { readPearRecord } from '../../formats/pear/registry.ts';
import { folderOf } from '../package-folders.ts';
import { fieldsOf, type RecordKind } from '../record-files.ts';

/** One package; what is no text is ''. */
export function listed(name: unknown, version: unknown): Listed[] {
  return [
    { name: typeof name === 'string' ? name : '', version: typeof version === 'string' ? version : '' },
  ];
}

/** By the first two groups of `pattern`. */
export function byPath(path: string, pattern: RegExp): Listed[] {
  const [, name, version] = pattern.exec(path) ?? [];
  return listed(name, version);
}

const LUAROCKS = /(?:^|\/)rocks(?:-\d[\d.]*)?\/([^/]+)\/([^/]+)\/[^/]+\.rockspec$/;
const HOMEBREW = /(?:^|\/)(?:Cellar|Caskroom)\/([^/]+)\/([^/]+)\/INSTALL_RECEIPT\.json$/;
/** Package Manager Specification, 14: a version begins with a digit behind the last such hyphen. */
const PORTAGE = /(?:^|\/)var\/db\/pkg\/([^/]+\/[^/]+)-(\d[^/-]*(?:-r\d+)?)\/PF$/;
const FLATPAK = /(?:^|\/)flatpak\/(?:app|runtime)\/([^/]+)\/[^/]+\/([^/]+)\/[0-9a-f]{64}\/metadata$/;
/** Channels other than PEAR's own, whose packages are those of Packagist's `pear` (ecosystems/php). */
const PECL = /(?:^|\/)\.registry\/\.channel\.(?!pear\.php\.net\/)([^/]+)\/[^/]+\.reg$/;
const CONAN = /(?:^|\/)\.conan\/data\/([^/]+)\/([^/]+)\/[^/]+\/[^/]+\/package\/[0-9a-f]+\/conaninfo\.txt$/;

export const RECORDS: readonly RecordKind[] = [
  {
    id: 'conda',
    part: 'conda-meta/',
    is: /(?:^|\/)conda-meta\/[^/]+\.json$/,
    read(_path, text) {
      const document = parseJson(text);
      return listed(fieldOf(document, 'name'), fieldOf(document, 'version'));
    },
    lists: {
      is: /\.json$/,
      *files(path, text) {
        const files = fieldOf(parseJson(text), 'files');
        const prefix = folderOf(path, 1);
        for (const each of Array.isArray(files) ? files : [])
          yield prefix === '' ? String(each) : `${prefix}/${String(each)}`;
      },
    },
  },
  {
    // cpanm's record, and what ExtUtils::MakeMaker writes at each installation: the last one counts.
    id: 'cpan',
    part: 'perl',
    is: /(?:^|\/)(?:\.meta\/[^/]+\/install\.json|perllocal\.pod)$/,
    read(path, text) {
      if (path.endsWith('.pod')) return inPerllocal(text);
      const document = parseJson(text);
      return listed(
        fieldOf(document, 'name') ?? fieldOf(document, 'dist'),
        String(fieldOf(document, 'version') ?? ''),
      );
    },
    lists: {
      is: /\/auto\/(?:.+\/)?\.packlist$/,
      *files(_path, text) {
        // perlfaq, ExtUtils::Packlist: a path, and perhaps its type behind it.
        for (const line of text.split('\n')) yield line.replace(/ (?:type|from)=.*$/, '').replace(/^\/+/, '');
      },
    },
  },
  {
    id: 'luarocks',
    part: '.rockspec',
    is: LUAROCKS,
    read: (path) => byPath(path, LUAROCKS),
    folder: folderOf,
  },
  {
    id: 'homebrew',
    part: 'INSTALL_RECEIPT.json',
    is: HOMEBREW,
    read: (path) => byPath(path, HOMEBREW),
    folder: folderOf,
  },
  {
    id: 'portage',
    part: 'var/db/pkg/',
    is: PORTAGE,
    read: (path) => byPath(path, PORTAGE),
    lists: {
      is: /\/CONTENTS$/,
      *files(_path, text) {
        // `obj PATH MD5 TIME`
        for (const [, path] of text.matchAll(/^obj \/(.+) [0-9a-f]+ \d+$/gm))
          if (path !== undefined) yield path;
      },
    },
  },
  {
    // It keeps what a package says of itself as long as it is installed.
    id: 'opkg',
    part: 'opkg/info/',
    is: /(?:^|\/)opkg\/info\/[^/]+\.control$/,
    read: (_path, text) => listed(...(fieldsOf(text, 'Package', 'Version') as [unknown, unknown])),
    lists: {
      is: /\.list$/,
      *files(_path, text) {
        for (const line of text.split('\n')) yield line.split('\t', 1)[0]!.replace(/^\/+/, '');
      },
    },
  },
  {
    id: 'spack',
    part: '.spack/spec.',
    is: /(?:^|\/)\.spack\/spec\.json$/,
    read(_path, text) {
      const nodes = fieldOf(fieldOf(parseJson(text), 'spec'), 'nodes');
      // The first is the package, the others are what it needs, which have records of their own.
      const [root] = Array.isArray(nodes) ? nodes : [];
      return listed(fieldOf(root, 'name'), fieldOf(root, 'version'));
    },
    folder: (path) => folderOf(path, 1),
  },
  {
    id: 'flatpak',
    part: 'flatpak/',
    is: FLATPAK,
    read: (path) => byPath(path, FLATPAK),
    folder: folderOf,
  },
  {
    id: 'snap',
    part: 'meta/snap.yaml',
    is: /(?:^|\/)snap\/[^/]+\/[^/]+\/meta\/snap\.yaml$/,
    read: (_path, text) =>
      listed(
        ...(fieldsOf(text, 'name', 'version').map((each) => each?.replace(/^(["'])(.*)\1$/, '$2')) as [
          unknown,
          unknown,
        ]),
      ),
    folder: (path) => folderOf(path, 1),
  },
  {
    // Paragraphs as dpkg's; features of a port have no version of their own.
    id: 'vcpkg',
    part: 'vcpkg/',
    is: /(?:^|\/)installed\/vcpkg\/status$/,
    read: (_path, text) =>
      text.split(/\n\s*\n/).flatMap((paragraph) => {
        const [name, version, status, feature] = fieldsOf(
          paragraph,
          'Package',
          'Version',
          'Status',
          'Feature',
        );
        const isInstalled = status === undefined || /\sinstalled$/.test(status);
        return paragraph.trim() === '' || feature !== undefined || !isInstalled ? [] : listed(name, version);
      }),
    lists: {
      is: /(?:^|\/)installed\/vcpkg\/info\/[^/]+\.list$/,
      *files(path, text) {
        const installed = folderOf(path, 2);
        for (const line of text.split('\n')) yield `${installed}/${line}`;
      },
    },
  },
  {
    // What a branch was installed of has no version: only what it was released as.
    id: 'bower',
    part: 'bower_components/',
    is: /(?:^|\/)bower_components\/[^/]+\/\.bower\.json$/,
    read(_path, text) {
      const document = parseJson(text);
      return listed(fieldOf(document, 'name'), fieldOf(document, 'version') ?? fieldOf(document, '_release'));
    },
    folder: folderOf,
  },
  {
    // Extensions of PHP that pecl has compiled, and packages of other channels.
    id: 'pecl',
    part: '.registry/.channel.',
    is: PECL,
    read(path, _text, bytes) {
      const { name, version } = readPearRecord(bytes);
      const [, channel = ''] = PECL.exec(path) ?? [];
      return [{ name: name && `${channel}/${name}`, version }];
    },
    lists: { is: PECL, files: (_path, _text, bytes) => readPearRecord(bytes).files },
  },
  {
    // Facts of Prolog: `name(lab).`, `version('1.2.3').`
    id: 'swipl',
    part: '/pack.pl',
    is: /(?:^|\/)pack\/[^/]+\/pack\.pl$/,
    read: (_path, text) => listed(factOf(text, 'name'), factOf(text, 'version')),
    folder: folderOf,
  },
  {
    id: 'conan',
    part: 'conaninfo.txt',
    is: CONAN,
    read: (path) => byPath(path, CONAN),
    folder: folderOf,
  },
  {
    // A plugin is known by the header of its file; other files in its folder have none (developer.wordpress.org/plugins).
    id: 'wordpress-plugin',
    part: 'wp-content/plugins/',
    is: /(?:^|\/)wp-content\/plugins\/[^/]+\/[^/]+\.php$/,
    read(path, text) {
      const [, name = ''] = /\/plugins\/([^/]+)\/[^/]+$/.exec(path) ?? [];
      const header = text.slice(0, 8192);
      if (!/^[ \t/*#@]*Plugin Name:/im.test(header)) return [];
      return listed(name, /^[ \t/*#@]*Version:[ \t]*(.+?)\s*$/im.exec(header)?.[1] ?? '');
    },
    folder: folderOf,
  },
];

/** The atom of the first fact `key`. Only one part of the pattern takes spaces: two of them would try each way to share a long run. */
function factOf(prolog: string, key: 'name' | 'version'): string | undefined {
  const [, quoted, plain] =
    new RegExp(`^${key}\\(\\s*(?:'([^'\n]+)'|([^\\s'()]+))\\s*\\)\\.`, 'm').exec(prolog) ?? [];
  return quoted ?? plain;
}

function inPerllocal(pod: string): Listed[] {
  const versions = new Map<string, string>();
  for (const entry of pod.split(/^=head2 /m).slice(1)) {
    const [, name] = /C<Module> L<([^|>]+)/.exec(entry) ?? [];
    const [, version = ''] = /C<VERSION: ([^>]*)>/.exec(entry) ?? [];
    if (name !== undefined) versions.set(name, version);
  }
  return [...versions].map(([name, version]) => ({ name, version }));
}
