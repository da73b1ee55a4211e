/** From Clair's VulnerabilityReport to the rows of a table: no page is needed here. */

export const SEVERITIES = ['Critical', 'High', 'Medium', 'Low', 'Negligible', 'Unknown'];

/**
 * One row for each package and vulnerability.
 * @returns {{key: string, package: string, version: string, id: string, name: string, severity: string, rank: number,
 *   fixedIn: string, cvss: number, epss: number, exploited: boolean, undecided: boolean, links: string[],
 *   description: string, layer: string, path: string, change: string}[]}
 */
export function findingsOf(report) {
  const facts = factsOf(report.enrichments ?? {});
  const rows = [];
  for (const [hits, undecided] of [
    [report.package_vulnerabilities, false],
    [report.undecided, true],
  ]) {
    for (const [packageId, ids] of Object.entries(hits ?? {})) {
      const found = report.packages?.[packageId];
      if (found === undefined) continue;
      const environment = report.environments?.[packageId]?.[0];
      for (const id of new Set(ids)) {
        const vulnerability = report.vulnerabilities?.[id];
        if (vulnerability === undefined) continue;
        const severity = SEVERITIES.includes(vulnerability.normalized_severity)
          ? vulnerability.normalized_severity
          : 'Unknown';
        rows.push({
          key: [found.name, found.version, vulnerability.name, vulnerability.updater].join('\0'),
          package: found.name,
          version: found.version,
          id,
          name: vulnerability.name,
          severity,
          rank: SEVERITIES.length - SEVERITIES.indexOf(severity),
          fixedIn: fixedIn(vulnerability.fixed_in_version ?? ''),
          cvss: facts.cvss.get(id) ?? -1,
          epss: facts.epss.get(id) ?? -1,
          exploited: facts.exploited.has(id),
          undecided,
          links: (vulnerability.links ?? '').split(' ').filter((link) => /^https?:\/\//.test(link)),
          description: vulnerability.description ?? '',
          layer: environment?.introduced_in ?? '',
          path: environment?.package_db ?? '',
          change: '',
        });
      }
    }
  }
  return rows;
}

/** Marks `rows` as `new` or `same`, and adds those of `before` that are `gone`. */
export function compared(rows, before) {
  const known = new Set(before.map(({ name, package: of }) => `${of}\0${name}`));
  const here = new Set(rows.map(({ name, package: of }) => `${of}\0${name}`));
  return [
    ...rows.map((row) => ({ ...row, change: known.has(`${row.package}\0${row.name}`) ? 'same' : 'new' })),
    ...before
      .filter(({ name, package: of }) => !here.has(`${of}\0${name}`))
      .map((row) => ({ ...row, change: 'gone' })),
  ];
}

/** Clair writes it as a query where a feed has more than one bound. */
function fixedIn(text) {
  if (!text.includes('=')) return text === '0' ? '' : text;
  return new URLSearchParams(text).get('fixed') ?? '';
}

function factsOf(enrichments) {
  const [cvss, epss, exploited] = [new Map(), new Map(), new Set()];
  for (const [type, maps] of Object.entries(enrichments)) {
    for (const [id, records] of maps.flatMap((map) => Object.entries(map))) {
      for (const record of records) {
        if (type.includes('clair.cvss'))
          cvss.set(id, Math.max(cvss.get(id) ?? 0, Number(record.baseScore) || 0));
        if (type.includes('clair.epss')) epss.set(id, Math.max(epss.get(id) ?? 0, Number(record.epss) || 0));
        if (type.includes('clair.kev')) exploited.add(id);
      }
    }
  }
  return { cvss, epss, exploited };
}
