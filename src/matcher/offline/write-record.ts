/** An advisory as the exports of claircore 1.5.52 have it: the same members, in the same order. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Bounds, ForeignVulnerability } from '../../contract/foreign.ts';
import type { AdvisoryFacts, Scope, VulnerabilityText } from '../../model/advisory.ts';
import { distributionToWire, repositoryToWire } from '../../model/index-report-wire.ts';
import { NO_DISTRIBUTION } from '../../model/package.ts';
import { writeVulnerableCode } from '../../model/vulnerable-code.ts';

/** Go's zero time, which is what Clair shows when a feed gives no date. */
const NO_DATE = '0001-01-01T00:00:00Z';

/** `name` to `normalized_severity` as JSON members. */
export function textMembers(text: VulnerabilityText): string {
  return JSON.stringify({
    name: text.name,
    description: text.description,
    issued: text.issued ?? NO_DATE,
    links: text.links,
    severity: text.severity,
    normalized_severity: text.normalizedSeverity,
  }).slice(1, -1);
}

/** An advisory without its text. */
export type Facts = AdvisoryFacts;

/** Gives the JSON of an advisory whose text is `members`; undefined: the format has no words for it. */
export type RecordWriter = (facts: Facts, members: string) => string | undefined;

/** Writes vulnerabilities of the feed `updater`. */
export function recordWriter(
  updater: string,
  ecosystems: readonly Ecosystem[],
  scopeOf: (key: string) => Omit<Scope, 'key'> | undefined,
): RecordWriter {
  const head = `{"id":"","updater":${JSON.stringify(updater)},`;
  const places = new Map<string, ShownScope>();
  const placeOf = (key: string): ShownScope => {
    let place = places.get(key);
    if (place === undefined) {
      place = showScope(scopeOf(key) ?? {});
      places.set(key, place);
    }
    return place;
  };
  const intervalOf = intervalWriter(ecosystems);
  return (facts, members) => {
    // 1.5.52 has no word for it, and would take it for the opposite.
    if (facts.assertsUnaffected) return undefined;
    const place = placeOf(facts.scope);
    const plain = foreignOf(updater, facts, place);
    const { range, bounds } = intervalOf(facts, plain);
    const { package: pkg, archOp } = plain;
    return (
      `${head}${members},"package":${packageJson(pkg)}${place.json},` +
      `"fixed_in_version":${JSON.stringify(facts.fixedInVersion)}` +
      (range ? `,"range":${range}` : '') +
      (archOp ? `,"arch_op":"${archOp}"` : '') +
      `,"Self":{"Name":""},"Aliases":null` + // clair-quirk: two fields of Go leak
      // differs: what Clair's members cannot say is in one of this project, which Clair's reader passes over (clair-matching.md#offline-files)
      (bounds ? `,"Bounds":${bounds}` : '') +
      (facts.code ? `,"Code":${JSON.stringify(writeVulnerableCode(facts.code))}` : '') +
      '}'
    );
  };
}

/** How the versions of an advisory are said besides `fixed_in_version`, as JSON; undefined: there is no need. */
export interface IntervalJson {
  readonly range: string | undefined;
  readonly bounds: string | undefined;
}

/** `range` as Clair's matcher of the ecosystem wants it, and our own `Bounds` where the ecosystem could not read them back. */
export function intervalWriter(
  ecosystems: readonly Ecosystem[],
): (facts: Facts, plain: ForeignVulnerability) => IntervalJson {
  let order = ecosystems;
  return (facts, plain) => {
    const reader = order.find((ecosystem) => isRead(ecosystem, plain));
    if (reader !== undefined && reader !== order[0])
      order = [reader, ...order.filter((other) => other !== reader)];
    const range = reader?.rangeOf?.(facts);
    const isWhole = reader?.advisoriesOf({ ...plain, ...(range && { range }) }).some(sameAs(facts)) ?? false;
    return {
      range: range && JSON.stringify({ '[': range.lower, ')': range.upper }),
      bounds: isWhole ? undefined : JSON.stringify(boundsOf(facts)),
    };
  };
}

export interface ShownScope extends Pick<ForeignVulnerability, 'distribution' | 'repository'> {
  /** Members of a vulnerability, with a comma before each. */
  readonly json: string;
}

/** What a scope is shown as. */
export function showScope({ distribution, repository }: Omit<Scope, 'key'>): ShownScope {
  return {
    distribution: distribution ?? NO_DISTRIBUTION,
    repository: { name: '', key: '', uri: '', cpe: '', ...repository },
    json:
      (distribution ? `,"distribution":${JSON.stringify(distributionToWire(distribution, ''))}` : '') +
      (repository ? `,"repository":${JSON.stringify(repositoryToWire(repository))}` : ''),
  };
}

const NO_TEXT: VulnerabilityText = {
  name: 'any',
  description: '',
  links: '',
  severity: '',
  normalizedSeverity: 'Unknown',
};

/** An advisory as its ecosystem would read it, but for its text and interval. */
export function foreignOf(updater: string, facts: Facts, place: ShownScope): ForeignVulnerability {
  const { shownArch, arches = [] } = facts;
  const arch = shownArch ?? arches.join('|');
  const isPattern = shownArch !== undefined || arches.length > 1;
  return {
    updater,
    vulnerability: NO_TEXT,
    package: {
      name: facts.shownName ?? facts.name,
      version: '',
      kind: facts.kind,
      module: facts.module ?? '',
      arch,
    },
    distribution: place.distribution,
    repository: place.repository,
    archOp: arch === '' ? '' : isPattern ? 'pattern match' : 'equals',
    fixedInVersion: facts.fixedInVersion,
    assertsUnaffected: false,
  };
}

/** Whether it is this ecosystem's, be it that it says of nothing that it is affected. */
function isRead({ advisoriesOf }: Ecosystem, foreign: ForeignVulnerability): boolean {
  return advisoriesOf({ ...foreign, fixedInVersion: '' }).length > 0;
}

function packageJson({ name, kind, module, arch }: ForeignVulnerability['package']): string {
  return JSON.stringify({
    id: '',
    name,
    version: '',
    kind,
    normalized_version: '',
    ...(module && { module }),
    ...(arch && { arch }),
    cpe: '',
    detector: null,
  });
}

function boundsOf({ from, below, upTo }: Bounds): Bounds {
  return {
    ...(from !== undefined && { from }),
    ...(below !== undefined && { below }),
    ...(upTo !== undefined && { upTo }),
  };
}

/** Whether advisories are about the same versions. */
function sameAs(a: Bounds): (b: Bounds) => boolean {
  return (b) => a.from === b.from && a.below === b.below && a.upTo === b.upTo;
}
