/** The texts of the vulnerabilities in a VEX document of Red Hat. */

import { inFolder } from '../../../feeds/in-folder.ts';
import type { VulnerabilityText } from '../../../model/advisory.ts';
import type { Severity } from '../../../model/severity.ts';
import type { CsafAbout, CsafDocument, CsafVulnerability, ProductStatus } from './csaf.ts';

const SEVERITIES: Readonly<Record<string, Severity>> = {
  low: 'Low',
  moderate: 'Medium',
  important: 'High',
  critical: 'Critical',
};

/** Makes texts; equal ones are the same object, so that they are stored once. */
export function vexTexts(
  { id, self }: CsafDocument,
  { cve, description, released, references }: CsafVulnerability,
  folder: string,
): (status: ProductStatus, about: CsafAbout) => VulnerabilityText {
  const year = /^CVE-(\d{4})-/i.exec(id)?.[1] ?? '';
  // differs: a document that does not say its own address is linked where it was found (clair-matching.md#red-hat-vex)
  const links = [...references, self || inFolder(folder, `${year}/${id.toLowerCase()}.json`)];
  const aliases = aliasesOf(id, cve, references);
  const known = new Map<string, VulnerabilityText>();
  return (status, { vector, impact, fix }) => {
    const url = status === 'known_affected' ? '' : fix;
    // differs: a fix without a score is kept (clair-matching.md#fixes-without-a-score)
    const severity = vector || 'Unknown';
    const key = `${severity} ${impact} ${url}`;
    let text = known.get(key);
    if (text === undefined) {
      text = {
        name: id,
        description,
        ...(released && { issued: released }),
        links: [...links, ...(url ? [url] : [])].join(' '),
        severity,
        normalizedSeverity: SEVERITIES[impact?.toLowerCase() ?? ''] ?? 'Unknown',
        ...(aliases.length > 0 && { aliases }),
      };
      known.set(key, text);
    }
    return text;
  };
}

/** Ids of the same in Red Hat's Bugzilla and in Go's database. */
function aliasesOf(id: string, cve: string, references: readonly string[]): string[] {
  const found = references.flatMap((url) => {
    const bug = /^https:\/\/bugzilla\.redhat\.com\/show_bug\.cgi\?id=(\d{1,10})$/.exec(url)?.[1];
    const go = /^https:\/\/pkg\.go\.dev\/vuln\/(GO-\d{4}-\d{4,10})$/.exec(url)?.[1];
    return bug ? [`RHBZ#${bug}`] : go ? [go] : [];
  });
  return [...new Set([...(/^CVE-\d{4}-\d{4,}$/.test(cve) ? [cve] : []), ...found])].filter(
    (alias) => alias !== id,
  );
}
