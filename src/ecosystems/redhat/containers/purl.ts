/** Containers of Red Hat as package URLs: `pkg:oci/quay-rhel8@v3.5.6-4?arch=…&container_cpe=…&repository_url=…&tag=…`. */

import type { PurlMapping } from '../../../contract/purl-mapping.ts';
import { readSource, showSource } from '../../../formats/purl/os.ts';
import type { Repository } from '../../../model/package.ts';
import type { Purl } from '../../../model/purl.ts';
import { formatCpe, parseCpe } from '../scopes/cpe.ts';
import { RHCC_REPOSITORY } from '../scopes/scopes.ts';
import { normalizedTag } from './container.ts';
import { CATALOG } from './detect-dockerfile.ts';
import { rhctag } from './version.ts';

/** The products that a container is of, as Clair names the qualifier; `*`: whichever the catalog has it in. */
const CPES = 'container_cpe';
const ANY = '*';
const REPOSITORY = 'repository_url';
const REGISTRY = 'registry.redhat.io';
const REGISTRIES: ReadonlySet<string> = new Set([REGISTRY, 'registry.access.redhat.com']);

/** `pkg:oci/…` of what Red Hat built. One below another container has none: no advisory is about it. */
export const purl: PurlMapping = {
  types: ['oci'],
  toPurl({ name, version, kind, arch, source, normalizedVersion = '' }, { repositories = [] }) {
    const products = repositories.filter(({ key }) => key === RHCC_REPOSITORY).map(productOf);
    if (kind !== 'binary' || name === '' || products.length === 0) return undefined;
    if (normalizedVersion.startsWith('unmatchable')) return undefined;
    const isOwnSource = source?.name === name && source.version === version;
    const qualifiers = [
      ['arch', arch ?? ''],
      [CPES, products.join() === ANY ? '' : products.join()],
      [REPOSITORY, `${REGISTRY}/${name}`],
      ['tag', version],
      ['upstream', source === undefined || isOwnSource ? '' : showSource(source)],
    ] as const;
    return {
      type: 'oci',
      // purl-spec, "oci": the last part of the repository's name; `repository_url` has all of it.
      namespace: '',
      name: name.slice(name.lastIndexOf('/') + 1) || name,
      version,
      qualifiers: new Map(qualifiers.filter(([, value]) => value !== '')),
      subpath: '',
    };
  },
  fromPurl(written) {
    const { qualifiers, version: given } = written;
    const name = nameIn(written);
    const repositories = repositoriesIn(qualifiers.get(CPES) ?? ANY);
    if (name === undefined || repositories.length === 0) return undefined;
    // Where the version is a digest, as purl-spec has it, the tag is what advisories know.
    const tag = qualifiers.get('tag') ?? '';
    const version = given === '' || given.includes(':') ? tag : given;
    const arch = qualifiers.get('arch');
    const parsed = rhctag.parse(version);
    const normalizedVersion = parsed && normalizedTag(parsed.major || '0', parsed.minor || '0');
    return {
      package: {
        name,
        version,
        kind: 'binary',
        source: readSource(qualifiers.get('upstream') ?? '', version) ?? { name, version },
        ...(arch && { arch }),
        ...(normalizedVersion && { normalizedVersion }),
      },
      repositories,
    };
  },
};

function productOf({ name, cpe }: Repository): string {
  return name === CATALOG.name ? ANY : cpe || name || ANY;
}

/** undefined: nothing says that it is one of Red Hat's. */
function nameIn({ namespace, name, qualifiers }: Purl): string | undefined {
  const [, host = '', path = ''] =
    /^(?:https?:\/\/)?([^/]+)\/(.+)$/.exec(qualifiers.get(REPOSITORY) ?? '') ?? [];
  // Some give the repository without the name of the container.
  if (REGISTRIES.has(host)) return path.split('/').at(-1) === name ? path : `${path}/${name}`;
  if (!qualifiers.has(CPES)) return undefined;
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** Empty if one of them cannot be read: half of what it is of would be looked up for all. */
function repositoriesIn(products: string): Repository[] {
  const repositories: Repository[] = [];
  for (const product of products.split(/,(?=cpe:|\*)/)) {
    const parsed = product === ANY ? undefined : parseCpe(product);
    if (product !== ANY && parsed === undefined) return [];
    const cpe = parsed && formatCpe(parsed);
    repositories.push(cpe === undefined ? CATALOG : { name: cpe, key: RHCC_REPOSITORY, cpe });
  }
  return repositories;
}
