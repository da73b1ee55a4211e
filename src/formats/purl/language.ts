/** Package URLs of languages: a type, a registry, and a name that may have a namespace. */
import type { PurlMapping } from '../../contract/purl-mapping.ts';
import type { Repository } from '../../model/package.ts';
import type { Purl } from '../../model/purl.ts';

export interface LanguagePurl {
  readonly type: string;
  readonly repository: Repository;
  /** Between namespace and name in the name of a package; without one there is no namespace. */
  readonly separator?: '/' | ':';
  /** Whether the name of a package has a namespace; else every one in which the separator stands. */
  readonly hasNamespace?: (name: string) => boolean;
  readonly folded?: PurlMapping['folded'];
  readonly needless?: PurlMapping['needless'];
  /** The name of the package, where tools write it in other ways; `full`: namespace and name, `written`: see `PurlMapping`. */
  readonly readName?: (full: string, purl: Purl, written: string) => string;
  /** The version of package `name`, where tools write it in other ways. */
  readonly readVersion?: (version: string, name: string) => string;
}

/** A copy that came from elsewhere than the registry (Rust's `module`). */
const ORIGIN = 'origin';

/** The mapping of such an ecosystem. */
export function languagePurl({
  type,
  repository,
  separator,
  hasNamespace = () => true,
  folded,
  needless,
  readName = (full) => full,
  readVersion = (version) => version,
}: LanguagePurl): PurlMapping {
  return {
    types: [type],
    ...(folded && { folded }),
    ...(needless && { needless }),
    toPurl({ name, version, kind, module }) {
      if (kind !== 'binary' || name === '') return undefined;
      const at = separator === undefined || !hasNamespace(name) ? -1 : name.lastIndexOf(separator);
      return {
        type,
        namespace: name.slice(0, Math.max(at, 0)),
        name: name.slice(at + 1),
        version,
        qualifiers: new Map(module ? [[ORIGIN, module]] : []),
        subpath: '',
      };
    },
    fromPurl(purl, written = '') {
      const { namespace, name, version, qualifiers } = purl;
      const full = readName(
        namespace === '' ? name : `${namespace}${separator ?? '/'}${name}`,
        purl,
        written,
      );
      const module = qualifiers.get(ORIGIN);
      return {
        package: {
          name: full,
          version: readVersion(version, full),
          kind: 'binary',
          ...(module && { module }),
        },
        repositories: [repository],
      };
    },
  };
}
