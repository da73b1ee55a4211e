/** What the console keeps of an image: rows that many images share, and what is the image's own. */
import { createHash } from 'node:crypto';
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { IndexedPackage } from '../../model/index-report.ts';
import { impactOf } from '../../model/risk.ts';
import { rankOf } from '../../model/severity.ts';
import { pathOf, purlOf } from '../../sbom/inventory.ts';
import type { Finding } from '../findings/find.ts';
import type { LinkedState } from '../findings/linked.ts';
import { clean, sourceOf, typesOf } from '../findings/package-names.ts';
import type { MatchedImage } from '../matcher.ts';
import type { Shown } from '../shown/shown.ts';
import { type ImageLedger, ledgerOf } from './image-ledger.ts';
import { termsOf } from './terms.ts';

export interface ComponentRow {
  /** Of all that follows. */
  readonly digest: string;
  readonly type: string;
  readonly source: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string | null;
}

export interface CveRow {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly title: string;
  readonly severity: number;
  readonly cvss: number | null;
  readonly cvssVector: string | null;
  readonly cvssSource: string | null;
  readonly epss: number | null;
  readonly exploited: boolean;
  readonly terms: readonly string[];
}

export interface FindingRow {
  readonly digest: string;
  readonly cve: string;
  /** Digest of the component. */
  readonly component: string;
  readonly severity: number;
  readonly severitySource: string | null;
  readonly impact: number;
  readonly fixes: readonly string[];
  readonly undecided: boolean;
  readonly feed: string | null;
  readonly linked?: LinkedState;
}

export interface ImageRows {
  readonly components: readonly ComponentRow[];
  /** Digests of the components that are not checked in one of their places. */
  readonly unchecked: readonly string[];
  readonly cves: readonly CveRow[];
  readonly findings: readonly FindingRow[];
  /** One for each finding of the report: digest of its row, and which of `places`. */
  readonly found: readonly { readonly digest: string; readonly place: number }[];
  /** Number of the layer (-1: of none that the manifest has), and path. */
  readonly places: readonly (readonly [layer: number, path: string])[];
  /** Scope and name. */
  readonly lookups: readonly (readonly [scope: string, name: string])[];
  readonly ledger: ImageLedger;
  readonly distribution: string | null;
}

const MAX_TITLE = 200;
const MAX_PLACES = 32_767; // they are told by smallint

/** `layers`: those of the manifest, the base first. */
export function imageRows(
  { matches, findings }: MatchedImage,
  layers: readonly string[],
  ecosystems: readonly Ecosystem[],
  now: Date,
): ImageRows {
  const { report } = matches;
  const typeOf = typesOf(ecosystems);
  const components = report.packages.map((indexed) => componentOf(indexed, typeOf(indexed), ecosystems));
  const places = new Map<string, number>();
  const placeOf = report.packages.map(({ environments }) => {
    const [first] = environments;
    const place = JSON.stringify([
      first === undefined ? -1 : layers.indexOf(first.introducedIn),
      first === undefined ? '' : pathOf(first.packageDb),
    ]);
    const known = places.get(place);
    if (known !== undefined) return known;
    if (places.size === MAX_PLACES) return 0;
    places.set(place, places.size);
    return places.size - 1;
  });
  const shown = new Map(matches.shown.map((each) => [each.id, each]));
  const cves = new Map<string, CveRow>();
  const rows = new Map<string, FindingRow>();
  const found = findings.map((finding) => {
    const component = components[finding.position]!;
    const advisory = shown.get(finding.advisories[0] ?? -1);
    const row = findingOf(finding, component, advisory);
    rows.set(row.digest, row);
    cves.set(finding.name, cveOf(finding, component, advisory, cves.get(finding.name)));
    return { digest: row.digest, place: placeOf[finding.position]! };
  });
  const covered = ecosystems.flatMap(({ cover }) => cover?.prefix ?? []);
  const lookups = new Map<string, readonly [string, string]>();
  const look = (scope: string, name: string): void => {
    const plain = covered.some((prefix) => scope.startsWith(prefix)) ? '' : scope;
    lookups.set(`${plain}\0${name}`, [plain, name]);
  };
  for (const { lookup } of matches.lookups) look(lookup.scope, lookup.name);
  const [distribution] = report.distributions;
  const { ledger, unchecked } = ledgerOf(
    matches,
    components.map(({ type }) => type),
    now,
  );
  return {
    components: [...new Map(components.map((each) => [each.digest, each])).values()],
    unchecked: [...new Set(unchecked.map((position) => components[position]!.digest))],
    cves: [...cves.values()],
    findings: [...rows.values()],
    found,
    places: [...places.keys()].map((place) => JSON.parse(place) as [number, string]),
    lookups: [...lookups.values()],
    ledger,
    distribution:
      distribution === undefined
        ? null
        : distribution.prettyName || `${distribution.name} ${distribution.versionId}`.trim() || null,
  };
}

function componentOf(indexed: IndexedPackage, type: string, ecosystems: readonly Ecosystem[]): ComponentRow {
  const { name, version } = indexed.package;
  const purl = purlOf(indexed, ecosystems) ?? null;
  const row = { type, source: sourceOf(indexed), name: clean(name), version: clean(version), purl };
  return { digest: digestOf(row), ...row };
}

function findingOf(finding: Finding, component: ComponentRow, advisory: Shown | undefined): FindingRow {
  const { name: cve, severity, severitySource = null, fixes, undecided, linked } = finding;
  const row = {
    cve,
    component: component.digest,
    severity: rankOf(severity),
    severitySource,
    impact: impactOf({ severity, fixedIn: fixes.at(-1) ?? '' }),
    fixes,
    undecided,
    feed: advisory?.feed ?? null,
    ...(linked && { linked: linked.state }),
  };
  return { digest: digestOf(row), ...row };
}

function cveOf(
  { name, aliases, covers, severity, cvss, epss, exploited }: Finding,
  component: ComponentRow,
  advisory: Shown | undefined,
  known: CveRow | undefined,
): CveRow {
  const rank = rankOf(severity);
  const terms = termsOf([name, ...aliases, component.source, ...(known?.terms ?? [])]);
  if (known !== undefined) return { ...known, severity: Math.max(known.severity, rank), terms };
  return {
    name,
    aliases: [...new Set([...aliases, ...covers])],
    title: advisory === undefined ? '' : titleOf(advisory),
    severity: rank,
    cvss: cvss?.score ?? null,
    cvssVector: cvss?.vector ?? null,
    cvssSource: cvss?.source ?? null,
    epss: epss ?? null,
    exploited,
    terms,
  };
}

/** The first sentence of its description. */
function titleOf({ head }: Shown): string {
  const text = `{${head.toString('utf8').replace(/,$/, '')}}`;
  const { description = '' } = JSON.parse(text) as { description?: string };
  const [first = ''] = clean(description)
    .trim()
    .split(/(?<=[.!?])\s|\n/, 1);
  return first.length > MAX_TITLE ? `${first.slice(0, MAX_TITLE - 1)}…` : first;
}

function digestOf(row: object): string {
  return createHash('sha256').update(JSON.stringify(row)).digest('hex').slice(0, 32);
}
