/** Package URLs of distributions: `pkg:deb/debian/curl@8.1-2?arch=amd64&distro=debian-12&upstream=curl%408.1`. */
import type { PurlMapping } from '../../contract/purl-mapping.ts';
import type { Distribution, SourcePackage } from '../../model/package.ts';
import type { Purl } from '../../model/purl.ts';
import { streamOf } from '../versions/module-stream.ts';

export interface OsPurl {
  readonly type: string;
  readonly distribution: (id: string, version: string) => Distribution | undefined;
  /** Whether such a distribution has no releases, so that its name says all. Default: none. */
  readonly isRolling?: (id: string) => boolean;
  /** The name of the package, where tools write it in other ways. */
  readonly readName?: (name: string) => string;
  /** Where rpm's own form of a version is, with its epoch apart. */
  readonly epochApart?: boolean;
  /** How `upstream` names a source package; default: `NAME@VERSION`. */
  readonly formatSource?: (source: SourcePackage, version: string) => string;
  readonly parseSource?: (text: string, version: string) => SourcePackage | undefined;
}

/** The mapping of such an ecosystem: of binary packages, whatever their repositories. */
export function osPurl(options: OsPurl): PurlMapping {
  const {
    type,
    distribution,
    readName = (name) => name,
    epochApart = false,
    formatSource = showSource,
    parseSource = readSource,
  } = options;
  return {
    types: [type],
    folded: (name) => name.toLowerCase(),
    distribution,
    ofSource(purl, { name, version }) {
      const qualifiers = new Map(
        [...purl.qualifiers].filter(([key]) => key !== 'arch' && key !== 'upstream'),
      ).set('arch', 'source');
      return { ...purl, name, version: version || purl.version, qualifiers };
    },
    toPurl({ name, version, kind, arch, source, module }, { distribution: of }) {
      if (kind !== 'binary' || name === '') return undefined;
      const [, epoch = '', rest = version] = (epochApart && /^([1-9]\d*):(.*)$/s.exec(version)) || [];
      const qualifiers = new Map([
        ['arch', arch ?? ''],
        ['distro', of === undefined ? '' : distroOf(of)],
        ['epoch', epoch],
        ['rpmmod', module ?? ''],
        ['upstream', source?.name ? formatSource(source, version) : ''],
      ]);
      for (const [key, value] of qualifiers) if (value === '') qualifiers.delete(key);
      return { type, namespace: of?.did ?? '', name, version: rest, qualifiers, subpath: '' };
    },
    fromPurl({ namespace, name, version: written, qualifiers }) {
      const epoch = qualifiers.get('epoch') ?? '0';
      // Some write the epoch apart for deb too, some write one of 0.
      const version = /^0*$/.test(epoch) || written.includes(':') ? written : `${epoch}:${written}`;
      const source = parseSource(sourceIn(qualifiers), version);
      const [arch, module] = [qualifiers.get('arch'), moduleIn(qualifiers)];
      const found = distroIn(namespace, qualifiers, options);
      return {
        package: {
          name: readName(name),
          version,
          kind: 'binary',
          ...(source && { source }),
          ...(module && { module }),
          ...(arch && { arch }),
        },
        ...(found && { distribution: found }),
      };
    },
  };
}

/** The stream of a module: purl's types name `rpmmod`, other tools write the header's tag. Some write all of the label. */
function moduleIn(qualifiers: Purl['qualifiers']): string | undefined {
  return streamOf(qualifiers.get('rpmmod')) ?? streamOf(qualifiers.get('modularitylabel'));
}

function distroOf({ did, version, versionId, versionCodeName, servicePack }: Distribution): string {
  const release = versionId || versionCodeName || version;
  return [did, servicePack ? `${release}.${servicePack}` : release].filter(Boolean).join('-');
}

/** What a package was built from: `upstream` as Syft has it; OSV-SCALIBR names the parts for each type, as apk does `origin`. */
function sourceIn(qualifiers: Purl['qualifiers']): string {
  const [name = ''] = ['upstream', 'sourcerpm', 'sourcename', 'source', 'origin'].flatMap(
    (key) => qualifiers.get(key) ?? [],
  );
  const version = qualifiers.get('sourceversion') ?? '';
  return name === '' || version === '' || name.includes('@') ? name : `${name}@${version}`;
}

/**
 * `debian-12`, also written `debian:12` and `debian12`; or only `12` or `bookworm`: then the namespace says of what. Docker Scout has its parts apart: `os_name`,
 * `os_version`, `os_distro` (the code name).
 */
function distroIn(
  namespace: string,
  qualifiers: Purl['qualifiers'],
  { distribution, isRolling = () => false }: OsPurl,
): Distribution | undefined {
  const distro = qualifiers.get('distro');
  if (distro === undefined) {
    const name = qualifiers.get('os_name') ?? namespace;
    const versions = ['os_version', 'os_distro'].flatMap((key) => qualifiers.get(key) ?? []);
    const found = versions.map((version) => distribution(name, version)).find((each) => each !== undefined);
    return found ?? (isRolling(name.toLowerCase()) ? distribution(name, '') : undefined);
  }
  const [, id = '', apart, joined = ''] =
    /^(.*?[a-z].*?)(?:[-:](v?\d.*|[a-z]+)|(?<=[a-z])(\d[\d.]*))?$/is.exec(distro) ?? [];
  const ofNamespace = /^[\d.]+/.test(distro) ? distribution(namespace, distro) : undefined;
  return (
    ofNamespace ??
    distribution(distro, '') ??
    distribution(id, apart ?? joined) ??
    distribution(namespace, distro)
  );
}

/** `NAME@VERSION`. */
export function showSource({ name, version }: SourcePackage): string {
  return version === '' ? name : `${name}@${version}`;
}

/** The same read back; without a version it is that of the package. */
export function readSource(text: string, version: string): SourcePackage | undefined {
  const at = text.lastIndexOf('@');
  if (text === '') return undefined;
  return at > 0 ? { name: text.slice(0, at), version: text.slice(at + 1) } : { name: text, version };
}
