/** Package URLs of distributions: `pkg:deb/debian/curl@8.1-2?arch=amd64&distro=debian-12&upstream=curl%408.1`. */
import type { PurlMapping } from '../../contract/purl-mapping.ts';
import type { Distribution, SourcePackage } from '../../model/package.ts';
import type { Purl } from '../../model/purl.ts';
import { streamOf } from '../versions/module-stream.ts';

export interface OsPurl {
  readonly type: string;
  readonly distribution: (id: string, version: string) => Distribution | undefined;
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
    epochApart = false,
    formatSource = showSource,
    parseSource = readSource,
  } = options;
  return {
    types: [type],
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
      const source = parseSource(qualifiers.get('upstream') ?? '', version);
      const [arch, module] = [qualifiers.get('arch'), moduleIn(qualifiers)];
      const found = distroIn(namespace, qualifiers, distribution);
      return {
        package: {
          name,
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

/** `debian-12`, or only `12`: then the namespace says of what. */
function distroIn(
  namespace: string,
  qualifiers: Purl['qualifiers'],
  distribution: OsPurl['distribution'],
): Distribution | undefined {
  const distro = qualifiers.get('distro');
  if (distro === undefined) return undefined;
  const [, id = '', version = ''] = /^(.*?[a-z].*?)(?:-(\d.*|[a-z]+))?$/is.exec(distro) ?? [];
  const ofNamespace = /^[\d.]+/.test(distro) ? distribution(namespace, distro) : undefined;
  return ofNamespace ?? distribution(distro, '') ?? distribution(id, version);
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
