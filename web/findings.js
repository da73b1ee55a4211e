/** From Clair's VulnerabilityReport to the rows of a table: no page is needed here. */

export const SEVERITIES = ['Critical', 'High', 'Medium', 'Low', 'Negligible', 'Unknown'];

/**
 * One row for each finding; the matcher has folded and rated them.
 * @returns {{key: string, package: string, version: string, id: string, name: string, aliases: string[], covers: string[], severity: string,
 *   source: string, rank: number, fixedIn: string, cvss: number, epss: number, exploited: boolean, notes: string[], undecided: boolean,
 *   links: string[], description: string, layer: string, path: string, change: string}[]}
 */
export function findingsOf(report) {
  return (report.findings ?? []).flatMap((finding) => {
    const found = report.packages?.[finding.package];
    if (found === undefined) return [];
    const { name, severity } = finding;
    const said = finding.vulnerabilities.flatMap((id) => report.vulnerabilities?.[id] ?? []);
    const environment = report.environments?.[finding.package]?.[0];
    const links = said.flatMap((each) => (each.links ?? '').split(' '));
    return {
      key: [found.name, found.version, name].join('\0'),
      package: found.name,
      version: found.version,
      id: finding.vulnerabilities[0] ?? '',
      name,
      aliases: finding.aliases ?? [],
      covers: finding.covers ?? [],
      severity,
      source: finding.severity_source ?? '',
      rank: SEVERITIES.length - SEVERITIES.indexOf(severity),
      fixedIn: finding.fixed_in ?? '',
      cvss: finding.cvss?.score ?? -1,
      epss: finding.epss ?? -1,
      exploited: finding.exploited === true,
      notes: finding.notes ?? [],
      undecided: finding.undecided === true,
      links: [...new Set(links)].filter((link) => /^https?:\/\//.test(link)),
      description: said.find((each) => each.description)?.description ?? '',
      layer: environment?.introduced_in ?? '',
      path: environment?.package_db ?? '',
      change: '',
    };
  });
}

/** Marks `rows` as `new` or `same`, and adds those of `before` that are `gone`. The same under any of its names. */
export function compared(rows, before) {
  const [known, here] = [namesIn(before), namesIn(rows)];
  const isIn = (names, row) => namesOf(row).some((name) => names.has(name));
  return [
    ...rows.map((row) => ({ ...row, change: isIn(known, row) ? 'same' : 'new' })),
    ...before.filter((row) => !isIn(here, row)).map((row) => ({ ...row, change: 'gone' })),
  ];
}

function namesIn(rows) {
  return new Set(rows.flatMap(namesOf));
}

/** The vulnerabilities that an erratum covers are none of its own names. */
function namesOf({ package: of, name, aliases, covers }) {
  return [name, ...aliases.filter((alias) => !covers.includes(alias))].map((each) => `${of}\0${each}`);
}
