/** The packages of a language whose advisories are in OSV: all of them differ in the same few things. */
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Lookup } from '../contract/lookup.ts';
import { type ForeignOsv, foreignOsv } from '../formats/clair/foreign-language.ts';
import { osv } from '../formats/osv/osv.ts';
import type { IndexRecord } from '../model/index-report.ts';
import type { Repository } from '../model/package.ts';
import { byPath } from './coalesce.ts';

/** Where packages of a language are from, and where their versions mean something. */
export interface LanguageScope {
  /** The one scope of all its advisories. */
  readonly scope: string;
  /** As its detectors say it of a package. */
  readonly repository: Repository;
  /** Default: names are compared as written. */
  readonly normaliseName?: (name: string) => string;
}

export interface OsvLanguage
  extends LanguageScope,
    Pick<
      Ecosystem,
      | 'id'
      | 'type'
      | 'matchers'
      | 'detectors'
      | 'lists'
      | 'projectFiles'
      | 'packageFiles'
      | 'resolver'
      | 'naming'
      | 'versions'
    >,
    Pick<Ecosystem, 'lookups' | 'purl' | 'vulnerableCode'>,
    Pick<ForeignOsv, 'purlType'> {
  /** As advisories show it in reports; default: `repository`. */
  readonly shownRepository?: Repository;
  /** Its name in OSV. */
  readonly dump: string;
  readonly ranges: Parameters<typeof osv>[0]['ranges'];
  /** As in `OsvOptions`. */
  readonly mirrorsMayLack?: boolean;
  /** As in `OsvOptions`. */
  readonly codeOf?: Parameters<typeof osv>[0]['codeOf'];
  /** As in `Feed`, of its feed. */
  readonly feedRevision?: string;
  /** How Clair writes the versions of an advisory. */
  readonly clairVersions: ForeignOsv['versions'];
}

/** Returns the ecosystem that `language` says. */
export function osvLanguage(language: OsvLanguage): Ecosystem {
  const { scope, repository, normaliseName, shownRepository, clairVersions, purlType, ...rest } = language;
  const { dump, ranges, mirrorsMayLack = false, codeOf, feedRevision, ...own } = rest;
  const names = normaliseName && { normaliseName };
  return {
    ...own,
    scopes: [scope],
    ...(repository.name !== undefined && { repository: repository.name }),
    coalesce: byPath,
    ...foreignOsv({ scope, repository, ...names, versions: clairVersions, ...(purlType && { purlType }) }),
    feeds: [
      osv({
        dump,
        mirrorsMayLack,
        scope: { key: scope, repository: shownRepository ?? repository },
        versions: own.versions,
        ...names,
        ranges,
        ...(codeOf && { codeOf }),
        ...(feedRevision !== undefined && { revision: feedRevision }),
        encodeFixed: clairVersions === 'query' ? 'query' : 'text',
      }),
    ],
  };
}

/** Returns `lookups` of a language: each package of its repository by name. `versionOf`: the version to look up. */
export function lookupsOf(
  { scope, repository, normaliseName = (name) => name }: LanguageScope,
  versionOf: (found: IndexRecord['package']) => string = ({ version }) => version,
): (record: IndexRecord) => readonly Lookup[] {
  return ({ package: found, repository: from }) =>
    from?.name !== repository.name || found.kind !== 'binary'
      ? []
      : [{ scope, name: normaliseName(found.name), kind: 'binary', version: versionOf(found) }];
}
