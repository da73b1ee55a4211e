/** What one VEX document of Red Hat says, as advisories about rpms and containers. */

import type { FeedContext } from '../../../contract/feed.ts';
import { AppError, messageOf } from '../../../errors.ts';
import { streamOf } from '../../../formats/versions/module-stream.ts';
import type { Advisory, Scope } from '../../../model/advisory.ts';
import type { PackageKind } from '../../../model/package.ts';
import { type Purl, parsePurl } from '../../../model/purl.ts';
import { compareReleases, parseRhcTag, releaseOf } from '../containers/version.ts';
import { isSource, namesOfArches } from '../scopes/arches.ts';
import { parseCpe } from '../scopes/cpe.ts';
import { RHCC_PREFIX, rhccScope, rhelScope } from '../scopes/scopes.ts';
import type { CsafAbout, CsafDocument, CsafVulnerability, ProductStatus } from './csaf.ts';
import type { VexComponent } from './csaf-tree.ts';
import type { FixRewriter } from './fixed-in-cel.ts';
import { isKernelToCheck } from './kernel.ts';
import { vexTexts } from './text.ts';

export interface VexReading {
  readonly problem: FeedContext['problem'];
  readonly ignoreKernel: boolean;
  /** Makes the version of a fix; may throw. */
  readonly rewriteFix?: FixRewriter;
  /** Where documents are, for those that do not say their own address. */
  readonly folder: string;
  /** Told of each scope that has advisories. */
  readonly met: (scope: Scope) => void;
}

/** Fixes, then what is affected without a fix, then what is not affected. */
export function vexReader(reading: VexReading): (document: CsafDocument) => Advisory[] {
  const scopeOf = scopesByCpe();
  return (document) =>
    document.deleted ? [] : document.vulnerabilities.flatMap((each) => of(document, each));

  function of(document: CsafDocument, vulnerability: CsafVulnerability): Advisory[] {
    const textOf = vexTexts(document, vulnerability, reading.folder);
    return MAKERS.flatMap(([status, maker]) => {
      const made = [...groupsOf(document, vulnerability, status, reading)].flatMap((group) => {
        const advisory = make(group, status, maker);
        if (typeof advisory !== 'string')
          return advisory === undefined ? [] : { ...advisory, vulnerability: textOf(status, group.about) };
        reading.problem({ where: document.id, reason: advisory.slice(0, 300) });
        return [];
      });
      return status === 'fixed' ? withReleases(made) : made;
    });
  }

  /** undefined: it is none of ours; a text is the reason why there is no advisory. */
  function make(
    { component, arches }: Group,
    status: ProductStatus,
    { kind, bounds }: Maker,
  ): Omit<Advisory, 'vulnerability'> | string | undefined {
    const purl = parsePurl(component.purl);
    if (purl === undefined) return `no package URL: ${component.purl}`;
    const subject = subjectOf(purl, component);
    if (subject === undefined) return undefined;
    if (status !== 'known_affected' && arches.every(isSource)) return undefined;
    if (purl.type === 'rpm' && !isWanted(subject.name, reading.ignoreKernel)) return undefined;
    const scope = scopeOf(component.cpe, purl.type === 'oci');
    if (scope === undefined) return `no CPE: ${component.cpe}`;
    const versions = bounds(purl, reading.rewriteFix);
    if (typeof versions === 'string') return `${subject.name}: ${versions}`;
    reading.met(scope);
    return {
      scope: scope.key,
      kind: kind(purl),
      ...subject,
      ...(status === 'known_affected' ? {} : archesOf(arches)),
      ...versions,
      ...(status === 'known_not_affected' && { assertsUnaffected: true }),
    };
  }
}

type Bounds = Pick<Advisory, 'below' | 'fixedInVersion'>;

interface Maker {
  readonly kind: (purl: Purl) => PackageKind;
  /** A text is the reason why there is no advisory. */
  readonly bounds: (purl: Purl, rewrite: FixRewriter | undefined) => Bounds | string;
}

const UNBOUNDED: Bounds = { fixedInVersion: '' };

const MAKERS: readonly [ProductStatus, Maker][] = [
  ['fixed', { kind: () => 'binary', bounds: fixOf }],
  // Red Hat names what has no fix by its source.
  ['known_affected', { kind: () => 'source', bounds: () => UNBOUNDED }],
  [
    'known_not_affected',
    { kind: ({ type }) => (type === 'oci' ? 'ancestry' : 'binary'), bounds: () => UNBOUNDED },
  ],
];

function fixOf(purl: Purl, rewrite: FixRewriter | undefined): Bounds | string {
  const { type, version, qualifiers } = purl;
  const published =
    type === 'oci'
      ? (qualifiers.get('tag') ?? '')
      : version && `${qualifiers.get('epoch') || '0'}:${version}`;
  if (published === '') return 'a fix without a version';
  try {
    const fix = rewrite?.(purl, published) ?? published;
    return { below: fix, fixedInVersion: fix };
  } catch (error) {
    if (isConfigurations(error)) throw error;
    return messageOf(error);
  }
}

/** A fault of the configuration is none of a document. */
export function isConfigurations(error: unknown): boolean {
  return error instanceof AppError && error.code === 'bad-config';
}

/** Products of one status that differ in their architectures only. */
interface Group {
  readonly component: VexComponent;
  readonly arches: string[];
  readonly about: CsafAbout;
}

function groupsOf(
  { id: document, products }: CsafDocument,
  vulnerability: CsafVulnerability,
  status: ProductStatus,
  { problem }: VexReading,
): Iterable<Group> {
  const groups = new Map<string, Group>();
  for (const id of vulnerability.products(status)) {
    const component = products.component(id);
    if (component === undefined || !/^pkg:(?:rpm|oci)\//.test(component.purl)) continue;
    const about = vulnerability.about(id);
    if (about.impact === undefined && about.scoredZero) continue;
    const { purl, cpe, module = '' } = component;
    if (purl.length > MAX_PURL) {
      problem({ where: document, reason: `a package URL of over ${MAX_PURL} characters` });
      continue;
    }
    const key = `${cpe} ${module} ${SAME[status](purl)}`;
    const group = groups.get(key);
    const arch = ARCH.exec(purl)?.[1] ?? '';
    if (group === undefined) groups.set(key, { component, arches: [arch], about });
    else if (!group.arches.includes(arch)) group.arches.push(arch);
  }
  return groups.values();
}

const MAX_PURL = 4096;
const ARCH = /[?&]arch=([^&#]*)/;

/** What of a package URL tells the advisories of a status apart. */
const SAME: Readonly<Record<ProductStatus, (purl: string) => string>> = {
  // The version of a container is its digest, another one for each architecture; its tag is what counts.
  fixed: (purl) => (purl.startsWith('pkg:oci/') ? purl.replace(/@[^?#]*/, '') : purl).replace(ARCH, ''),
  known_affected: (purl) => purl.replace(/@[^?#]*/, '').replace(VERSIONED, ''),
  known_not_affected: (purl) => purl.replace(/@[^?#]*/, '').replace(VERSIONED, ''),
};

const VERSIONED = /[?&](?:arch|epoch|tag)=[^&#]*/g;

/** undefined: a package of somebody else. */
function subjectOf(purl: Purl, { module }: VexComponent): Pick<Advisory, 'name' | 'module'> | undefined {
  const { type, namespace, name, qualifiers } = purl;
  if (type === 'oci') {
    const [, path] = /^[^/]*\/(.+)$/s.exec(qualifiers.get('repository_url') ?? '') ?? [];
    return { name: namespace === '' ? (path ?? name) : `${namespace}/${name}` };
  }
  if (type !== 'rpm' || namespace !== 'redhat') return undefined;
  // differs: the module that the product tree has between package and repository counts too (clair-matching.md#red-hat-vex)
  const stream = streamOf(qualifiers.get('rpmmod')) ?? streamOfPurl(module);
  return { name, ...(stream && { module: stream }) };
}

function streamOfPurl(text: string | undefined): string | undefined {
  const purl = text === undefined ? undefined : parsePurl(text);
  return purl && streamOf(`${purl.name}:${purl.version}`);
}

function isWanted(name: string, ignoreKernel: boolean): boolean {
  if (!name.startsWith('kernel')) return true;
  return !ignoreKernel && isKernelToCheck(name);
}

/** All if one of them is not told. */
function archesOf(arches: readonly string[]): Pick<Advisory, 'arches' | 'shownArch'> {
  if (arches.includes('')) return {};
  const shown = arches.map((arch) => (/^(?:x86_64|amd64)$/.test(arch) ? 'amd64|x86_64' : arch));
  return {
    arches: namesOfArches(arches),
    shownArch: [...new Set(shown)].join('|'),
  };
}

/**
 * A tag fixes its own release. The oldest fixed release of an image in a product stands for all before it as well.
 * differs: the oldest is looked for in each product, not in all (clair-matching.md#red-hat-vex)
 */
function withReleases(advisories: readonly Advisory[]): Advisory[] {
  const images = Map.groupBy(advisories, ({ scope, name }) =>
    scope.startsWith(RHCC_PREFIX) ? `${scope} ${name}` : '',
  );
  return [...images].flatMap(([image, ofImage]) => {
    if (image === '') return ofImage;
    const tags = ofImage.flatMap(({ below }) => parseRhcTag(below ?? '') ?? []);
    const oldest = tags.toSorted(compareReleases)[0];
    return ofImage.map((advisory) => {
      const tag = parseRhcTag(advisory.below ?? '');
      if (tag === undefined || oldest === undefined || compareReleases(tag, oldest) === 0) return advisory;
      return { ...advisory, from: releaseOf(tag) };
    });
  });
}

function scopesByCpe(): (cpe: string, isContainer: boolean) => Scope | undefined {
  const known = new Map<string, Scope | undefined>();
  return (text, isContainer) => {
    const key = `${isContainer} ${text}`;
    if (!known.has(key)) {
      const cpe = parseCpe(text);
      known.set(key, cpe && (isContainer ? rhccScope(cpe) : rhelScope(cpe)));
    }
    return known.get(key);
  };
}
