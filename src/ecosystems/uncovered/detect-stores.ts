/** Finds the packages in the stores of Nix and Guix: a folder each, whose name says all. No feed speaks of them. */
import type { Detection, Detector } from '../../contract/detector.ts';
import { identifierOf } from '../../formats/json/file.ts';
import { inFolders } from '../package-folders.ts';

/** Digests are 32 characters of a base-32 of their own. */
const STORED = /^[0-9a-z]{32}-(.+)$/;

/** What is built from, and parts of a package that has a folder of its own without them (nixpkgs: multiple outputs). */
const NO_PACKAGE =
  /\.(?:drv|patch|diff|lock|chroot|check|(?:tar\.)?(?:gz|xz|bz2|zst)|tgz|zip|sh|json|nix|scm)$|-source$/;
const OUTPUT = /-(?:bin|dev|lib|out|man|doc|devdoc|info|static|debug|data|py|dist|share|terminfo)$/;

interface Store {
  readonly id: string;
  readonly folder: string;
}

const STORES: readonly Store[] = [
  { id: 'nix', folder: 'nix/store' },
  { id: 'guix', folder: 'gnu/store' },
];

// differs: detectors that Clair does not have: packages in the stores of Nix and Guix
export const storeDetectors: readonly Detector[] = STORES.map(
  ({ id, folder }): Detector => ({
    id,
    revision: '1',
    kind: 'package',
    account: 'inventory',
    paths: [folder],
    *read(layer): Generator<Detection> {
      if (layer.file(folder) !== undefined) {
        yield { found: 'problem', where: folder, reason: 'it is not a directory' };
        return;
      }
      for (const stored of layer.names(folder)) {
        const found = packageIn(stored);
        const path = `${folder}/${stored}`;
        if (found !== undefined && layer.has(path, 'directory'))
          yield {
            found: 'package',
            package: { ...found, kind: 'binary', database: `${id}:${folder}`, path },
          };
      }
    },
    brings: (_layer, paths, packages) => inFolders(paths, packages),
  }),
);

/** nix, parseDrvName: the version begins behind the first hyphen that no letter follows. undefined: it is no package. */
function packageIn(stored: string): { name: string; version: string } | undefined {
  const [, written = ''] = STORED.exec(stored) ?? [];
  if (NO_PACKAGE.test(written)) return undefined;
  const [, name, rest] = /^(.+?)-([^a-zA-Z].*)$/.exec(written.replace(OUTPUT, '')) ?? [];
  const version = identifierOf(rest);
  return identifierOf(name) === undefined || version === undefined ? undefined : { name: name!, version };
}
