/** Rules about the packages of languages. */
import {
  copies,
  hasCopy,
  hasVersion,
  headerOf,
  indexOfLayer,
  isThere,
  LANGUAGES,
  layersAbove,
  metadataIn,
  OS_DATABASES,
} from './image-evidence.ts';
import { fileAt, type Layer, removes } from './layers.ts';
import type { NormalPackage } from './normal-form.ts';
import type { Case, Rule } from './rule.ts';

/** Other spellings of PEP 440, of which Clair's reader loses a part: `1.0-beta.2` is `1.0b2`. */
function canonical(version: string): string {
  const [, whole = ''] = /^v?(.*)$/.exec(version.toLowerCase().trim()) ?? [];
  const [release = '', local] = whole.split('+');
  const plain = release
    .replace(/[-_.]?(alpha|beta|a|b|c|rc|preview|pre)[-_.]?(\d*)/, (_, word: string, number: string) => {
      const kind = { alpha: 'a', beta: 'b', c: 'rc', pre: 'rc', preview: 'rc' }[word] ?? word;
      return `${kind}${Number(number)}`;
    })
    .replace(/[-_.]?(post|rev|r(?!c))[-_.]?(\d*)/, (_, _word, number: string) => `.post${Number(number)}`)
    .replace(/[-_.]?dev[-_.]?(\d*)/, (_, number: string) => `.dev${Number(number)}`);
  return local === undefined ? plain : `${plain}+${local.replace(/[-_]/g, '.')}`;
}

/** What Clair reads as it is written. */
const PLAIN_PEP440 = /^v?(\d+!)?\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?$/;

/** Whether a package of the system has a file in `folder` whose name begins with that of a package. */
function isListed(layer: Layer, folder: string, name: string): boolean {
  return [...layer.files].some(([path, content]) => {
    const text = content.toString('latin1').toLowerCase();
    if (/(?:^|\/)info\/[^/]+\.(?:list|md5sums)$/.test(path))
      return text.split('\n').some((line) => line.includes(`${folder.slice(1)}${name}-`.toLowerCase()));
    // Of rpms that a distribution made: others are in nobody's advisories.
    return DATABASE_OF_RPM.test(path) && /red hat|fedora/.test(text) && text.includes(`${folder}${name}-`);
  });
}

const DATABASE_OF_RPM = /\/rpm\/(?:Packages|Packages\.db|rpmdb\.sqlite)$/;

/** Whether some metadata of Python in `layer`, whatever leads there, says name and version. */
function hasMetadata(layer: Layer, { name, version }: NormalPackage): boolean {
  return [...layer.files].some(([path, content]) => {
    if (!/\/(?:METADATA|PKG-INFO)$|\.egg-info$/.test(path)) return false;
    const text = content.toString('latin1');
    return fold(headerOf(text, 'Name').trim()) === fold(name) && hasVersion(text, version);
  });
}

/** Whether a file of `layer` at `path`, through links, is among those that dpkg's checksums are of. */
function isSummed(layer: Layer, path: string): boolean {
  const file = fileAt(layer, path);
  if (file === undefined) return false;
  const sums = [...layer.files].filter(([of]) => /(?:^|\/)info\/[^/]+\.md5sums$/.test(of));
  return sums.some(([, content]) =>
    content
      .toString('latin1')
      .split('\n')
      .some((line) => fileAt(layer, line.slice(34).replace(/^\.?\//, ''))?.equals(file) === true),
  );
}

/** mach-o/loader.h: MH_MAGIC_64 */
const MACH_O_64 = 0xfeedfacf;

function fold(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** Whether each place where the package was found is one of `pathsOf` a layer, or a folder above one. */
function isWithin(found: NormalPackage, at: Case, pathsOf: (layer: Layer) => Iterable<string>): boolean {
  return found.environments.every(({ packageDb }) => {
    const place = packageDb.split(':')[1] ?? '';
    return at
      .layers()
      .some((layer) => [...pathsOf(layer)].some((path) => path === place || path.startsWith(`${place}/`)));
  });
}

/** The rules. */
export const languagePackageRules: readonly Rule[] = [
  {
    id: 'node-packages',
    reason:
      'npm packages are found; Clair has a detector that nobody switched on (clair-matching.md#feeds-that-match-nothing, clair-indexing.md#npm-packages)',
    explains: (atom, at) =>
      atom.atom === 'package' &&
      atom.side === 'extra' &&
      atom.package.detector === 'nodejs' &&
      isThere(atom.package, at),
  },
  {
    id: 'language-overwritten',
    reason:
      'a language package whose files a higher layer replaced by another version is gone (clair-indexing.md#overwritten-language-packages)',
    explains(atom, at) {
      if (atom.atom !== 'package' || atom.side !== 'missing' || !LANGUAGES.has(atom.package.detector))
        return false;
      const { name, version, detector, environments } = atom.package;
      return environments.every(
        ({ packageDb }) =>
          layersAbove(atom.package, at).some((layer) => {
            const path = packageDb.replace(/^[a-z]+:/, '');
            return removes(layer, path) || layer.files.has(path) || layer.links.has(path);
          }) ||
          at.ours.packages.some(
            (other) =>
              other.detector === detector &&
              other.name === name &&
              other.version !== version &&
              other.environments.some((environment) => environment.packageDb === packageDb),
          ),
      );
    },
  },
  {
    id: 'language-copies',
    reason:
      'every copy of a language package keeps its own place, in the layer that brought it (clair-indexing.md#overwritten-language-packages)',
    explains(atom, at) {
      if (atom.atom === 'package' && atom.side === 'extra' && LANGUAGES.has(atom.package.detector)) {
        // Clair merged this copy into the entry of another one, or lost it when that one was removed.
        const { package: pkg } = atom;
        return (
          pkg.detector !== 'nodejs' &&
          pkg.environments.every(({ packageDb, introducedIn }) => {
            const layer = at.layers()[indexOfLayer(introducedIn, at)];
            return layer !== undefined && hasCopy(layer, packageDb, pkg);
          }) &&
          copies(pkg, at) > 1
        );
      }
      if (atom.atom !== 'environment' || !LANGUAGES.has(atom.ours.detector)) return false;
      if (atom.side === 'missing') {
        // Clair shows the copy that it read last: the same place in a lower or higher layer.
        return (
          atom.ours.environments.some(
            ({ packageDb, introducedIn }) =>
              packageDb === atom.environment.packageDb && introducedIn !== atom.environment.introducedIn,
          ) && copies(atom.ours, at) > 1
        );
      }
      const layer = at.layers()[indexOfLayer(atom.environment.introducedIn, at)];
      return (
        layer !== undefined &&
        hasCopy(layer, atom.environment.packageDb, atom.ours) &&
        copies(atom.ours, at) > 1
      );
    },
  },
  {
    id: 'python-version-as-written',
    reason:
      'versions keep their local part, .dev0 and .post0, and are read whole (clair-indexing.md#language-versions)',
    explains(atom, at) {
      if (atom.atom === 'field' && atom.field === 'version' && atom.ours.detector === 'python') {
        const { version, environments } = atom.ours;
        return environments.some(({ packageDb }) =>
          at
            .layers()
            .some((layer) =>
              metadataIn(layer, packageDb).some(
                (text) => hasVersion(text, version) || canonical(headerOf(text, 'Version')) === version,
              ),
            ),
        );
      }
      if (atom.atom !== 'package' || atom.package.detector !== 'python') return false;
      // A text that only holds a PEP 440 version somewhere: Clair takes that part, or nothing.
      const { name, version, environments } = atom.package;
      const own = environments
        .flatMap(({ packageDb }) => at.layers().flatMap((layer) => metadataIn(layer, packageDb)))
        .filter((text) => headerOf(text, 'Name').toLowerCase() === name.toLowerCase());
      return atom.side === 'extra'
        ? !PLAIN_PEP440.test(version) && own.some((text) => hasVersion(text, version))
        : own.length > 0 && own.every((text) => !hasVersion(text, version));
    },
  },
  {
    id: 'python-odd-headers',
    reason:
      'metadata with a line that is no header has a name and a version all the same (clair-indexing.md#one-bad-record)',
    explains: (atom, at) =>
      atom.atom === 'package' &&
      atom.side === 'extra' &&
      atom.package.detector === 'python' &&
      atom.package.environments.every(({ packageDb }) =>
        at.layers().some((layer) =>
          metadataIn(layer, packageDb).some((text) => {
            const [head = ''] = text.split(/\r?\n\r?\n/);
            const isOdd = head.split('\n').some((line) => !/^(\s|[\w-]+:|$)/.test(line));
            return isOdd && /^\W*name ?:/im.test(head) && head.includes(atom.package.version);
          }),
        ),
      ),
  },
  {
    id: 'python-of-nobody',
    reason:
      'a Python package that no package of the system lists is not of the system, wherever it is (clair-indexing.md#python-packages)',
    explains: (atom, at) =>
      atom.atom === 'package' &&
      atom.side === 'extra' &&
      atom.package.detector === 'python' &&
      atom.package.environments.every(({ packageDb }) => {
        const folder = packageDb.replace(/^python:/, '');
        return (
          at.layers().some((layer) => hasMetadata(layer, atom.package)) &&
          /^(?:usr\/)?lib[^/]*\/python/.test(folder) &&
          at.layers().every((layer) => !isListed(layer, `/${folder}/`, atom.package.name))
        );
      }),
  },
  {
    id: 'dpkg-owned-files',
    reason:
      "what a package of dpkg has among its checksums is that package, of which the distribution's advisories speak (clair-indexing.md#debian-packages)",
    explains: (atom, at) =>
      atom.atom === 'package' &&
      atom.side === 'missing' &&
      !OS_DATABASES.has(atom.package.detector) &&
      atom.package.environments.length > 0 &&
      atom.package.environments.every(({ packageDb }) =>
        at.layers().some((layer) => isSummed(layer, packageDb.replace(/^[a-z]+:/, ''))),
      ),
  },
  {
    id: 'python-zipped-egg',
    reason: 'zipped eggs are packages, too (clair-indexing.md#python-packages)',
    explains: (atom, at) =>
      atom.atom === 'package' &&
      atom.side === 'extra' &&
      atom.package.detector === 'python' &&
      atom.package.environments.every(({ packageDb }) =>
        at.layers().some((layer) => {
          const file = fileAt(layer, packageDb.replace(/^python:/, ''));
          return packageDb.endsWith('.egg') && file?.toString('latin1', 0, 2) === 'PK';
        }),
      ),
  },
  {
    id: 'go-replaced-by-folder',
    reason:
      'a module that a folder stands in for is named by its path, not by the folder (clair-indexing.md#go-programs)',
    explains: (atom, at) => {
      if (atom.atom !== 'package' || atom.package.detector !== 'gobin') return false;
      const { name, version, environments } = atom.package;
      const isFolder = /^\.{0,2}[/\\]/.test(name);
      if (atom.side === 'missing') return isFolder;
      if (version !== '(devel)') return false;
      return environments.every(({ packageDb }) =>
        at.layers().some((layer) => {
          const program = fileAt(layer, packageDb.slice('go:'.length))?.toString('latin1') ?? '';
          const at = program.indexOf(`dep\t${name}\t`);
          return at >= 0 && /^dep\t[^\n]*\n=>\t\.{0,2}[/\\]/.test(program.slice(at, at + 2000));
        }),
      );
    },
  },
  {
    id: 'bare-whiteout',
    reason: 'a whiteout that names no file removes nothing (clair-indexing.md#whiteouts)',
    explains: (atom, at) =>
      atom.atom === 'package' &&
      atom.side === 'extra' &&
      layersAbove(atom.package, at).some((layer) =>
        [...layer.files.keys()].some((path) => /(^|\/)\.wh\.$/.test(path)),
      ) &&
      isThere(atom.package, at),
  },
  {
    id: 'behind-sparse',
    reason: 'a sparse file does not swallow the one behind it (clair-indexing.md#tar-archives)',
    explains: (atom, at) =>
      atom.atom === 'package' &&
      atom.side === 'extra' &&
      isWithin(atom.package, at, (layer) => layer.behindSparse) &&
      isThere(atom.package, at),
  },
  {
    id: 'mach-o',
    reason: 'programs for macOS are read too (clair-indexing.md#go-programs)',
    explains: (atom, at) =>
      atom.atom === 'package' &&
      atom.side === 'extra' &&
      atom.package.detector === 'gobin' &&
      atom.package.environments.every(({ packageDb }) =>
        at.layers().some((layer) => fileAt(layer, packageDb.slice(3))?.readUInt32LE(0) === MACH_O_64),
      ) &&
      isThere(atom.package, at),
  },
  {
    id: 'behind-links',
    reason:
      'a file has all of its names, also those that are links (clair-indexing.md#files-directories-and-links)',
    explains: (atom, at) =>
      atom.atom === 'package' &&
      atom.side === 'extra' &&
      isWithin(atom.package, at, (layer) => layer.links.keys()) &&
      isThere(atom.package, at),
  },
  {
    id: 'python-name-folded',
    reason: 'names are compared as PEP 503 says (clair-indexing.md#language-versions)',
    explains: (atom) =>
      atom.atom === 'field' &&
      atom.field === 'name' &&
      atom.ours.detector === 'python' &&
      fold(atom.golden.name) === fold(atom.ours.name),
  },
  {
    id: 'normalized-version',
    reason:
      'the ten-number form of a version loses pre-releases, long numbers and .dev0; nothing of ours reads it (clair-matching.md#truncated-versions)',
    explains: (atom) =>
      atom.atom === 'field' && atom.field === 'normalizedVersion' && LANGUAGES.has(atom.ours.detector),
  },
];
