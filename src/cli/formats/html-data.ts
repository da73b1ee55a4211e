/** Data of the HTML report. Values that several findings share are stored once. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { ReportData, ReportRow } from '../../model/report-page.ts';
import { rankOf } from '../../model/severity.ts';
import { type Upgrade, upgradeKey, upgradesOf } from './upgrades.ts';
import type { ReportFinding } from './view.ts';
import { linkedText, otherNames, sourcesText } from './words.ts';

/** Links of one finding. */
const MAX_LINKS = 10;
/** Characters of a description; longer ones are cut, and the links have the rest. */
const MAX_DESCRIPTION = 4000;
const MAX_SHORT_DESCRIPTION = 280;
const MANY = 1000;

export interface HtmlData {
  readonly data: ReportData;
  /** Upgrades, most risk first. */
  readonly upgrades: readonly Upgrade[];
}

/** Returns the data. `instructions` maps digests of layers to their instructions. */
export function htmlData(
  findings: readonly ReportFinding[],
  ecosystems: readonly Ecosystem[],
  instructions: ReadonlyMap<string, string> = new Map(),
): HtmlData {
  const upgrades = upgradesOf(findings, ecosystems);
  const upgradeOf = new Map(upgrades.map((upgrade) => [upgradeKey(upgrade.fixes[0]!), upgrade.to]));
  const most = findings.length > MANY ? MAX_SHORT_DESCRIPTION : MAX_DESCRIPTION;
  const details = numbered<ReportData['details'][number]>();
  const texts = numbered<string>();
  const groups = numbered<ReportData['groups'][number]>();
  const layers = numbered<ReportData['layers'][number]>();
  const rows = findings.map((finding): ReportRow => {
    const { id, package: name, sourcePackage, version, fixedIn, type, severity, risk } = finding;
    const description = cut(visible(finding.description), most);
    const links = finding.links.slice(0, MAX_LINKS);
    return [
      ...([
        rankOf(severity),
        risk,
        visible(id),
        visible(name),
        visible(fixedIn),
        finding.epss ?? -1,
      ] as const),
      ...([
        finding.exploited ? 1 : 0,
        finding.undecided ? 1 : 0,
        finding.linked === 'unknown' ? '' : finding.linked,
        (finding.notes ?? []).map(visible),
      ] as const),
      ...([
        finding.aliases.map(visible),
        finding.cvss?.score ?? -1,
        finding.paths.map((path) => texts.of(visible(path))),
      ] as const),
      finding.layers.map((digest) => layers.of([digest, cut(visible(instructions.get(digest) ?? ''), 200)])),
      groups.of(
        [type, sourcePackage ?? name, version, upgradeOf.get(upgradeKey(finding)) ?? ''].map(visible) as [
          string,
          string,
          string,
          string,
        ],
      ),
      details.of([description, links]),
      factsOf(finding).map((fact) => texts.of(visible(fact))),
    ];
  });
  return {
    data: { details: details.all, texts: texts.all, groups: groups.all, layers: layers.all, rows },
    upgrades,
  };
}

/** Returns JSON for a `script` element that no text in it can end (HTML, "Restrictions for contents of script elements"). */
export function scriptJson(data: ReportData): string {
  return JSON.stringify(data).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Returns a list of distinct values, and a function from a value to its position. */
function numbered<T>(): { readonly all: T[]; of(value: T): number } {
  const all: T[] = [];
  const known = new Map<string, number>();
  return {
    all,
    of(value) {
      const key = JSON.stringify(value);
      let position = known.get(key);
      if (position === undefined) known.set(key, (position = all.push(value) - 1));
      return position;
    },
  };
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most).replace(/\s+\S*$/, '')} …`;
}

/** Returns the facts about a finding except its description, a line each. */
function factsOf(finding: ReportFinding): string[] {
  const { cvss, severitySource, published, purl } = finding;
  const others = otherNames(finding);
  return [
    ...(others === '' ? [] : [`Also known as ${others}`]),
    ...(severitySource === '' ? [] : [`Severity by ${severitySource}`]),
    ...(cvss ? [`CVSS ${cvss.version}: ${cvss.score} (${cvss.vector}) by ${cvss.source}`] : []),
    ...(published === '' ? [] : [`Published ${published}`]),
    `Said by ${sourcesText(finding)}`,
    ...[linkedText(finding)].filter(Boolean),
    ...(purl === '' ? [] : [purl]),
  ];
}

/** Returns `text` with a mark for each invisible character and each that changes the text direction. */
export function visible(text: string): string {
  return text.replace(/[\p{Cf}\p{Cs}]|(?![\n\t])\p{Cc}/gu, '\uFFFD');
}
