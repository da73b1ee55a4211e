/** Which findings of an image a request is about, in which order, and how many there are of each kind. */
import { rankOf, type Severity } from '../../../model/severity.ts';
import type { LoadedFinding } from './load-findings.ts';
import type { LoadedImage } from './load-image.ts';

export interface FindingFilter {
  readonly package?: string | undefined;
  readonly cve?: string | undefined;
  readonly severity?: readonly Severity[] | undefined;
  readonly fix?: 'yes' | 'no' | undefined;
  readonly exploited?: boolean | undefined;
  readonly epss?: number | undefined;
  readonly type?: string | undefined;
  readonly layer?: string | undefined;
  readonly origin?: 'base' | 'own' | undefined;
  readonly decided: 'hide' | 'show' | 'only';
  readonly q?: string | undefined;
}

/** A finding in its place in the image. */
export interface PlacedFinding extends LoadedFinding {
  readonly layer: string | null;
  readonly path: string;
  readonly origin: 'base' | 'own';
}

export function placed(
  findings: readonly LoadedFinding[],
  image: Pick<LoadedImage, 'places' | 'layer_digests' | 'baseLayers'>,
): PlacedFinding[] {
  return findings.map((finding) => {
    const [layer = -1, path = ''] = image.places[finding.place] ?? [];
    return {
      ...finding,
      layer: image.layer_digests[layer] ?? null,
      path,
      origin: layer >= 0 && layer < image.baseLayers ? 'base' : 'own',
    };
  });
}

type Test = (finding: PlacedFinding) => boolean;

/** By name of the filter. */
function testsOf(filter: FindingFilter): Map<keyof FindingFilter, Test> {
  const { severity, fix, exploited, epss, type, layer, origin, decided, package: source, cve } = filter;
  const q = filter.q?.trim().toLowerCase();
  const tests = new Map<keyof FindingFilter, Test>();
  if (source !== undefined) tests.set('package', (each) => each.source === source);
  if (cve !== undefined) tests.set('cve', (each) => each.cve === cve || each.aliases.includes(cve));
  if (severity !== undefined) tests.set('severity', (each) => severity.includes(each.severity));
  if (fix !== undefined) tests.set('fix', (each) => each.fixes.length > 0 === (fix === 'yes'));
  if (exploited === true) tests.set('exploited', (each) => each.exploited);
  if (epss !== undefined) tests.set('epss', (each) => (each.epss ?? 0) >= epss);
  if (type !== undefined) tests.set('type', (each) => each.type === type);
  if (layer !== undefined) tests.set('layer', (each) => each.layer === layer);
  if (origin !== undefined) tests.set('origin', (each) => each.origin === origin);
  if (decided !== 'show') tests.set('decided', (each) => each.closes === (decided === 'only'));
  if (q) {
    tests.set('q', (each) =>
      [each.cve, ...each.aliases, each.source, each.name, each.title].some((text) =>
        text.toLowerCase().includes(q),
      ),
    );
  }
  return tests;
}

export function filtered(
  findings: readonly PlacedFinding[],
  filter: FindingFilter,
  without?: keyof FindingFilter,
): PlacedFinding[] {
  const tests = testsOf(filter);
  if (without !== undefined) tests.delete(without);
  const all = [...tests.values()];
  return findings.filter((each) => all.every((test) => test(each)));
}

/** How many there would be for each value of a filter, were it set to that alone. */
export function facetsOf(
  findings: readonly PlacedFinding[],
  filter: FindingFilter,
): Record<string, Record<string, number>> {
  const count = (name: keyof FindingFilter, read: (each: PlacedFinding) => string | null) => {
    const counts: Record<string, number> = {};
    for (const each of filtered(findings, filter, name)) {
      const value = read(each);
      if (value !== null) counts[value] = (counts[value] ?? 0) + 1;
    }
    return counts;
  };
  return {
    severity: count('severity', (each) => each.severity),
    type: count('type', (each) => each.type),
    origin: count('origin', (each) => each.origin),
    fix: count('fix', (each) => (each.fixes.length > 0 ? 'yes' : 'no')),
    exploited: count('exploited', (each) => (each.exploited ? '1' : null)),
    layer: count('layer', (each) => each.layer),
    decided: count('decided', (each) => (each.closes ? 'only' : 'hide')),
  };
}

type Compare<T> = (a: T, b: T) => number;

const text = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const FINDING_ORDERS: Readonly<Record<string, Compare<PlacedFinding>>> = {
  risk: (a, b) => a.risk - b.risk,
  severity: (a, b) => rankOf(a.severity) - rankOf(b.severity) || a.risk - b.risk,
  epss: (a, b) => (a.epss ?? -1) - (b.epss ?? -1),
  id: (a, b) => text(a.cve, b.cve),
  package: (a, b) => text(a.source, b.source) || text(a.name, b.name),
  since: (a, b) => a.since.getTime() - b.since.getTime(),
};

/** Last come those whose vulnerable code is not there; findings that are alike in the order of their names. */
export function sortFindings(findings: readonly PlacedFinding[], sort: string): PlacedFinding[] {
  const [sign, key] = sort.startsWith('-') ? [-1, sort.slice(1)] : [1, sort];
  const order = FINDING_ORDERS[key]!;
  return findings.toSorted(
    (a, b) =>
      Number(a.linked === 'no') - Number(b.linked === 'no') ||
      sign * order(a, b) ||
      text(a.cve, b.cve) ||
      text(a.name, b.name) ||
      a.id - b.id,
  );
}
