/** CycloneDX from 1.4 on, with or without components: `analysis` of its vulnerabilities (https://cyclonedx.org/capabilities/vex/). */
import { type JsonObject, listOf, recordOf } from '../model/json-object.ts';
import type { Problem } from '../model/package.ts';
import { formatPurl, parsePurl } from '../model/purl.ts';
import { timeOf, trimmedOf, type VexDocument, type VexStatement, type VexStatus } from './statement.ts';

const STATES: Readonly<Record<string, VexStatus>> = {
  not_affected: 'not_affected',
  false_positive: 'not_affected',
  resolved: 'fixed',
  resolved_with_pedigree: 'fixed',
  exploitable: 'affected',
  in_triage: 'under_investigation',
};
const MAX_DEPTH = 64;

export function isCycloneDx(document: JsonObject): boolean {
  return document.bomFormat === 'CycloneDX';
}

export function readCycloneDxVex(document: JsonObject, name: string): VexDocument {
  const purls = purlsOf(document);
  const statements: VexStatement[] = [];
  const problems: Problem[] = [];
  for (const [index, value] of listOf(document.vulnerabilities).entries()) {
    const vulnerability = recordOf(value);
    const analysis = recordOf(vulnerability.analysis);
    const state = trimmedOf(analysis.state);
    if (state === '') continue; // a finding, about which nobody has said anything
    const where = `vulnerabilities[${index}]`;
    const status = STATES[state];
    const ids = [vulnerability.id, ...listOf(vulnerability.references).map((each) => recordOf(each).id)]
      .map(trimmedOf)
      .filter((id) => id !== '');
    const hides = status === 'not_affected' || status === 'fixed';
    const affects = listOf(vulnerability.affects)
      .map(recordOf)
      .filter((each) => trimmedOf(each.ref) !== '');
    const identifiers = affects.flatMap((each) => {
      const all = identifiersOf(trimmedOf(each.ref), purls);
      return hides ? all.flatMap((identifier) => ofVersions(identifier, each.versions)) : all;
    });
    const reason =
      ids.length === 0
        ? 'it has no id'
        : status === undefined
          ? `unknown state ${JSON.stringify(state)}`
          : identifiers.length === 0
            ? affects.length === 0
              ? 'it says nothing that it affects'
              : 'it names no version that is unaffected'
            : undefined;
    if (reason !== undefined || status === undefined) {
      problems.push({ source: name, where, reason: reason ?? '' });
      continue;
    }
    statements.push({
      source: `${name}: ${where}`,
      ids,
      status,
      justification: trimmedOf(analysis.justification) || (state === 'false_positive' ? state : ''),
      reason: trimmedOf(analysis.detail),
      products: identifiers.map((identifier) => ({ identifiers: [identifier] })),
      time: timeOf(
        analysis.lastUpdated,
        analysis.firstIssued,
        vulnerability.updated,
        recordOf(document.metadata).timestamp,
      ),
    });
  }
  return { statements, problems };
}

/** By bom-ref. */
function purlsOf(document: JsonObject): Map<string, string> {
  const purls = new Map<string, string>();
  const visit = (list: unknown, depth: number): void => {
    for (const component of listOf(list).map(recordOf)) {
      const [ref, purl] = [trimmedOf(component['bom-ref']), trimmedOf(component.purl)];
      if (ref !== '' && purl !== '') purls.set(ref, purl);
      if (depth < MAX_DEPTH) visit(component.components, depth + 1);
    }
  };
  visit([recordOf(document.metadata).component], 0);
  visit(document.components, 0);
  return purls;
}

/**
 * A component of the document itself is known by its package URL, anything else by its reference: it may be in the SBOM that
 * was scanned.
 */
function identifiersOf(ref: string, purls: ReadonlyMap<string, string>): string[] {
  const own = purls.get(ref);
  return own === undefined ? [...new Set([purlOfRef(ref) ?? ref, ref])] : [own];
}

/**
 * The identifier, as far as a statement that nothing is wrong holds for it: `versions` name those that are unaffected, and those that
 * are affected for all that. Ranges are not read, but for that of all versions.
 */
function ofVersions(identifier: string, versions: unknown): string[] {
  const listed = listOf(versions).map(recordOf);
  if (listed.length === 0) return [identifier];
  const purl = parsePurl(identifier);
  const unaffected = listed.filter((each) => trimmedOf(each.status) === 'unaffected');
  if (unaffected.some((each) => ALL_VERSIONS.test(trimmedOf(each.range)))) return [identifier];
  if (purl?.version)
    return listed.some((each) => trimmedOf(each.version) === purl.version && !unaffected.includes(each))
      ? []
      : [identifier];
  const names = unaffected.map((each) => trimmedOf(each.version)).filter((version) => version !== '');
  return purl === undefined ? [] : names.map((version) => formatPurl({ ...purl, version }));
}

const ALL_VERSIONS = /^(?:vers:[^/]*\/)?\*$/;

/** The reference itself, or of a BOM-Link (`urn:cdx:SERIAL/VERSION#REF`) what is behind the `#`; ours number what is there twice. */
function purlOfRef(ref: string): string | undefined {
  const text = ref.startsWith('urn:cdx:') ? decoded(ref.slice(ref.indexOf('#') + 1)) : ref;
  const purl = text.replace(/\|\d+$/, '');
  return parsePurl(purl) === undefined ? undefined : purl;
}

function decoded(text: string): string {
  if (/^pkg:/i.test(text)) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
