/** The findings that lie in a report file: filtered, sorted, grouped and paged as the server does it for the console. */
import type { ReportData, ReportRow } from '../../src/model/report-page.ts';
import type { Severity } from '../../src/model/severity.ts';
import { type Finding, type Group, groupKey } from '../lib/finding.ts';
import { listOf } from '../lib/nav.ts';
import { NOT_LINKED } from '../lib/words.ts';
import { allOf, SEVERITIES, type SeverityCounts } from '../parts/severity.tsx';

export interface FileFinding extends Finding {
  readonly group: number;
  readonly layers: readonly number[];
  readonly paths: readonly string[];
  readonly description: string;
  readonly facts: readonly string[];
  readonly links: readonly string[];
}

export function readFindings({ rows, groups, details, texts: said, layers }: ReportData): FileFinding[] {
  return rows.map((row: ReportRow) => {
    const [
      severity,
      risk,
      id,
      name,
      fixed,
      epss,
      exploited,
      undecided,
      linked,
      notes,
      aliases,
      cvss,
      paths,
      at,
      group,
      detail,
      known,
    ] = row;
    const [type, source, version] = groups[group]!;
    const [description, links] = details[detail]!;
    return {
      id,
      aliases: [...aliases],
      severity: SEVERITIES[SEVERITIES.length - 1 - severity] ?? 'Unknown',
      severity_source: null,
      cvss: cvss < 0 ? null : { score: cvss, vector: '', source: '' },
      epss: epss < 0 ? null : epss,
      exploited: exploited === 1,
      fixed_in: fixed === '' ? null : fixed,
      title: titleOf(description),
      feed: null,
      undecided: undecided === 1,
      linked: linked || null,
      risk,
      decision: null,
      notes,
      package: {
        type,
        source,
        name,
        version,
        layer: layers[at[0] ?? -1]?.[0] ?? null,
        path: said[paths[0] ?? -1] ?? '',
      },
      group,
      layers: at,
      paths: paths.map((position) => said[position] ?? ''),
      description,
      facts: known.map((position) => said[position] ?? ''),
      links,
    };
  });
}

/** The first sentence, cut at a word. */
function titleOf(description: string): string {
  const [sentence = ''] = description.split(/(?<=[.!?])\s|\n\n/, 1);
  return sentence.length <= 120 ? sentence : `${sentence.slice(0, 120).replace(/\s+\S*$/, '')} …`;
}

/** What the address leaves of `findings`, in its order. */
export function wantedOf(findings: readonly FileFinding[], query: URLSearchParams): FileFinding[] {
  const severities = new Set<string>(listOf(query, 'severity'));
  const words = (query.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const [fix, type, layer] = [query.get('fix'), query.get('type'), query.get('layer')];
  const epss = Number(query.get('epss') ?? 0);
  const isWanted = (finding: FileFinding) =>
    (severities.size === 0 || severities.has(finding.severity)) &&
    (query.get('exploited') !== '1' || finding.exploited) &&
    (fix === null || (fix === 'yes') === (finding.fixed_in !== null)) &&
    (type === null || finding.package.type === type) &&
    (layer === null || finding.layers.includes(Number(layer))) &&
    (epss === 0 || (finding.epss ?? 0) >= epss) &&
    (words.length === 0 || words.every((word) => textOf(finding).includes(word)));
  return lastNotLinked(findings.filter(isWanted).sort(orderOf(query.get('sort') ?? '-risk')));
}

/** In the same order, but last those whose vulnerable code is not there. */
function lastNotLinked(findings: FileFinding[]): FileFinding[] {
  return findings.sort((a, b) => Number(a.linked === 'no') - Number(b.linked === 'no'));
}

const texts = new WeakMap<FileFinding, string>();

function textOf(finding: FileFinding): string {
  let text = texts.get(finding);
  if (text === undefined) {
    const { id, aliases, linked, notes = [], paths, description, facts, package: of } = finding;
    text = [
      id,
      ...aliases,
      ...notes,
      ...(linked === 'no' ? [NOT_LINKED] : []),
      ...paths,
      of.name,
      of.source,
      of.version,
      of.type,
      description,
      ...facts,
    ]
      .join(' ')
      .toLowerCase();
    texts.set(finding, text);
  }
  return text;
}

const KEYS: Readonly<Record<string, (finding: FileFinding) => number | string>> = {
  risk: ({ risk }) => risk,
  severity: ({ severity }) => SEVERITIES.length - SEVERITIES.indexOf(severity),
  epss: ({ epss }) => epss ?? -1,
  package: ({ package: { name } }) => name,
  name: ({ package: { source } }) => source,
};

function orderOf(sort: string): (a: FileFinding, b: FileFinding) => number {
  const key = KEYS[sort.replace('-', '')] ?? KEYS.risk!;
  const sign = sort.startsWith('-') ? -1 : 1;
  return (a, b) => {
    const [x, y] = [key(a), key(b)];
    if (typeof x === 'number' && typeof y === 'number') return (x - y) * sign;
    return String(x).localeCompare(String(y), 'en', { numeric: true }) * sign;
  };
}

export interface FileGroup extends Group {
  readonly findings: readonly FileFinding[];
}

/** `findings` by package, in the order of `sort`; within a package those of most risk first, and last those whose code is not there. */
export function groupsOf(
  findings: readonly FileFinding[],
  { groups }: ReportData,
  sort: string,
): FileGroup[] {
  const made = [...Map.groupBy(findings, ({ group }) => group)].map(([index, all]): FileGroup => {
    const [type, source, version, upgrade] = groups[index]!;
    const sorted = lastNotLinked(all.toSorted((a, b) => b.risk - a.risk));
    const counts = countsOf(sorted);
    return {
      type,
      source,
      version,
      binaries: [...new Set(sorted.map(({ package: { name } }) => name))],
      upgrade:
        upgrade === ''
          ? null
          : {
              version: upgrade,
              fixes: sorted.filter(({ fixed_in: fixed }) => fixed !== null).length,
              of: allOf(counts),
            },
      counts,
      exploited: sorted.filter(({ exploited }) => exploited).length,
      epss_max: sorted.reduce<number | null>(
        (most, { epss }) => (epss === null ? most : Math.max(most ?? 0, epss)),
        null,
      ),
      risk: sorted.reduce((sum, { risk }) => sum + risk, 0),
      paths: [...new Set(sorted.flatMap(({ paths }) => paths))].slice(0, 10),
      findings: sorted,
    };
  });
  const sign = sort.startsWith('-') ? -1 : 1;
  return made.sort((a, b) =>
    sort.endsWith('name')
      ? groupKey(a).localeCompare(groupKey(b), 'en', { numeric: true }) * sign
      : (a.risk - b.risk) * sign,
  );
}

export function countsOf(findings: readonly { readonly severity: Severity }[]): SeverityCounts {
  const counts = Object.fromEntries(SEVERITIES.map((severity) => [severity.toLowerCase(), 0])) as Record<
    Lowercase<Severity>,
    number
  >;
  for (const { severity } of findings) counts[severity.toLowerCase() as Lowercase<Severity>]++;
  return counts;
}
