/** What an update of a repository of rpms says of itself: its id, severity, date, references, and the CVEs that it names. */
import { childOf, childrenOf, type XmlElement } from '../../formats/xml/records.ts';
import type { VulnerabilityText } from '../../model/advisory.ts';
import type { UpdateRules } from './update-rules.ts';

const CVE = /\bCVE-\d{4}-\d{4,19}\b/g;

/** An update of a distribution's kernel fixes some hundred. */
const MAX_ALIASES = 5000;

/** Types of updates that are about no vulnerability unless they name one. */
const OTHER_TYPES = new Set(['bugfix', 'enhancement', 'newpackage', 'recommended', 'optional', 'feature']);

/** Whether `update` is about a vulnerability. A type that nobody knows may be. */
export function isOfSecurity(update: XmlElement, { aliases = [] }: VulnerabilityText): boolean {
  return aliases.length > 0 || !OTHER_TYPES.has(update.attributes.type?.toLowerCase() ?? '');
}

// clair-quirk: the date of issue of Amazon's is not told, though the file has it
export function textOf(
  update: XmlElement,
  { severities, pageOf, dated = false }: Pick<UpdateRules, 'severities' | 'pageOf' | 'dated'>,
): VulnerabilityText {
  const name = childOf(update, 'id')?.text.trim() ?? '';
  const description = childOf(update, 'description')?.text ?? '';
  const severity = childOf(update, 'severity')?.text.trim() ?? '';
  const references = childrenOf(childOf(update, 'references'), 'reference').map(
    ({ attributes }) => attributes,
  );
  const issued = dated ? dateOf(childOf(update, 'issued')?.attributes.date) : undefined;
  const named = cvesIn([
    ...references.flatMap(({ id = '', title = '' }) => [id, title]),
    childOf(update, 'title')?.text ?? '',
  ]);
  const aliases = named.length > 0 ? named : cvesIn([description]);
  return {
    name,
    description,
    ...(issued === undefined ? {} : { issued }),
    links: [
      ...(pageOf === undefined ? [] : [pageOf(name)]),
      ...references.flatMap(({ href }) => (href ? [href.trim().replace(/\s/g, '%20')] : [])),
    ].join(' '),
    severity,
    normalizedSeverity: severities.get(severity.toLowerCase()) ?? 'Unknown',
    ...(aliases.length === 0 ? {} : { aliases }),
  };
}

function cvesIn(texts: readonly string[]): string[] {
  const found = texts.flatMap((text) => text.match(CVE) ?? []);
  return [...new Set(found)].slice(0, MAX_ALIASES);
}

/** `2024-10-01 01:02:03` (in UTC), `2025-06-11T19:52:52Z`, a day alone -> RFC 3339; undefined for any other. */
function dateOf(written = ''): string | undefined {
  const [, day, time = '00:00', seconds = ':00'] =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(:\d\d)?(?:\.\d+)?Z?)?$/.exec(written.trim()) ?? [];
  const issued = `${day}T${time}${seconds}Z`;
  return day === undefined || Number.isNaN(Date.parse(issued)) ? undefined : issued;
}
