/** From what an SBOM says to the index report of the image that it describes. */
import { createHash } from 'node:crypto';
import type { Ecosystem } from '../contract/ecosystem.ts';
import { isOfLanguage, readPurl } from '../contract/read-purl.ts';
import { property, SBOM, type SbomComponent, type SbomDocument } from '../formats/sbom/document.ts';
import { digestIn, moduleOf, osRelease, placeOf, sourceOf } from '../formats/sbom/scanner-properties.ts';
import { PROBLEM_KINDS } from '../model/coverage.ts';
import type { Digest } from '../model/digest.ts';
import type { IndexedPackage, IndexReport } from '../model/index-report.ts';
import { type Distribution, NO_DISTRIBUTION, type Problem } from '../model/package.ts';
import { parsePurl } from '../model/purl.ts';
import { type ComponentName, distinct, gather } from './gather-packages.ts';
import { ownLedger } from './ledger-properties.ts';
import { ownLinked } from './linked-properties.ts';
import { OWN, ownDistribution, ownPackage, ownRepositories } from './own-properties.ts';

/** What the packages of a document share. */
interface Context {
  readonly ecosystems: readonly Ecosystem[];
  /** By what refers to their components. */
  readonly distributions: ReadonlyMap<string, Distribution>;
  /** Of packages that name none. */
  readonly distribution: Distribution | undefined;
  /** Where nothing is said of a layer. */
  readonly layer: Digest;
  readonly problems: Problem[];
}

export interface Described {
  readonly report: IndexReport;
  /** By position of the package in the report: the components that it is. */
  readonly components: readonly (readonly ComponentName[])[];
}

/** The report; its manifest is the image if the document names it by digest, else the document itself. */
export function toIndexReport(
  document: SbomDocument,
  bytes: Buffer,
  ecosystems: readonly Ecosystem[],
): Described {
  const own = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
  const manifestHash = manifestOf(document) ?? own;
  const problems = [...document.problems];
  const distributions = new Map(
    document.components
      .filter(({ role }) => role === 'operating-system')
      .map((component, index) => [component.ref || String(index), distributionOf(component, ecosystems)]),
  );
  const distribution = distributions.size === 1 ? [...distributions.values()][0] : undefined;
  const context: Context = { ecosystems, distributions, distribution, layer: manifestHash, problems };
  const gathered = gather(
    [...document.components, ...subjectOf(document, ecosystems)]
      .filter((component) => component.role === 'package' || property(component, OWN.package) !== '')
      .map((component) => ({ indexed: packageOf(component, context), component })),
  );
  const packages = gathered.map(({ indexed }) => indexed);
  const environments = packages.flatMap((each) => each.environments);
  const report: IndexReport = {
    manifestHash,
    state: 'IndexFinished',
    success: true,
    err: '',
    packages,
    distributions: distinct([
      ...distributions.values(),
      ...environments.flatMap((environment) => environment.distribution ?? []),
    ]),
    repositories: distinct([
      ...ownRepositories(document),
      ...environments.flatMap((environment) => environment.repositories ?? []),
    ]),
    problems: [...problems, ...ownProblems(document)],
    ...ownLedger(document),
    ...ownLinked(document),
    // Ours says what was read of the image itself.
    ...(property(document, OWN.manifest) === '' && { origin: 'sbom' }),
  };
  return { report, components: gathered.map(({ components }) => components) };
}

/** What the document describes, if that is a package: an application or a library, and no image. */
function subjectOf({ subject }: SbomDocument, ecosystems: readonly Ecosystem[]): SbomComponent[] {
  const purl = subject && parsePurl(subject.purl);
  if (subject === undefined || purl === undefined || IMAGES.has(purl.type)) return [];
  return readPurl(ecosystems, purl, subject.name) === undefined ? [] : [subject];
}

/** Types of package URLs. */
const IMAGES: ReadonlySet<string> = new Set(['oci', 'docker']);

/** Ours; Syft has the digest as the version of the image, Trivy in its package URL. */
function manifestOf(document: SbomDocument): Digest | undefined {
  const { subject } = document;
  const ours = digestIn(property(document, OWN.manifest));
  if (ours !== undefined || subject === undefined) return ours;
  return (
    digestIn(subject.version) ?? digestIn(parsePurl(subject.purl)?.version ?? '') ?? digestIn(subject.name)
  );
}

/** What the scanner that wrote the document could not read of the image was not checked now either. */
function ownProblems(document: SbomDocument): Problem[] {
  return document.properties.flatMap(([name, value]) => {
    const [, source, where, reason] = /^([^\n]*)\n([^\n]*)\n(.*)$/s.exec(value) ?? [];
    if (name !== OWN.problem || source === undefined) return [];
    const kind = PROBLEM_KINDS.find((each) => source.endsWith(` ${each}`));
    const by = kind === undefined ? source : source.slice(0, -kind.length - 1);
    return [{ source: by, where: where ?? '', reason: reason ?? '', ...(kind && { kind }) }];
  });
}

function distributionOf(component: SbomComponent, ecosystems: readonly Ecosystem[]): Distribution {
  const { id, version } = osRelease(component);
  for (const { purl } of ecosystems) {
    const found = ownDistribution(component) ?? purl?.distribution?.(id, version);
    if (found !== undefined) return found;
  }
  return {
    ...NO_DISTRIBUTION,
    did: id,
    name: id,
    version,
    versionId: version,
    prettyName: `${id} ${version}`.trim(),
  };
}

function packageOf(component: SbomComponent, context: Context): IndexedPackage {
  const own = ownPackage(component, context.distributions);
  if (own !== undefined) return own;
  const purl = component.purl === '' ? undefined : parsePurl(component.purl);
  if (component.purl !== '' && purl === undefined) {
    context.problems.push({
      source: SBOM,
      where: component.ref || component.name,
      reason: `malformed purl ${component.purl}`,
    });
  }
  const place = placeOf(component);
  const base = { packageDb: place.path || 'sbom', introducedIn: place.layer ?? context.layer };
  const read = purl && readPurl(context.ecosystems, purl, component.name);
  if (read !== undefined) {
    const { found, detector } = read;
    const { repositories } = found;
    const distribution =
      found.distribution ?? (isOfLanguage(found) ? undefined : (context.distribution ?? found.presumed));
    const source = found.package.source ?? (isOfLanguage(found) ? undefined : sourceOf(component));
    const module = found.package.module ?? (isOfLanguage(found) ? undefined : moduleOf(component));
    return {
      package: {
        ...found.package,
        version: found.package.version || component.version,
        ...(source && { source }),
        ...(module !== undefined && { module }),
        ...(detector !== undefined && { detector }),
      },
      environments: [
        { ...base, ...(distribution && { distribution }), ...(repositories && { repositories }) },
      ],
    };
  }
  return {
    package: {
      name: component.name || [purl?.namespace, purl?.name].filter(Boolean).join('/'),
      version: component.version || purl?.version || '',
      kind: 'binary',
      detector: `${SBOM}-${purl?.type ?? 'unknown'}:1:package`,
    },
    environments: [base],
  };
}
