/** What an update of a repository of rpms says of itself: its id, severity, date, references, and the CVEs that it names. */
import { childOf, childrenOf, type XmlElement } from '../../../formats/xml/records.ts';
import type { VulnerabilityText } from '../../../model/advisory.ts';
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

/** What an update says of itself, as it is written. */
export interface WrittenUpdate {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly severity: string;
  readonly issued: string;
  readonly references: readonly { readonly id?: string; readonly title?: string; readonly href?: string }[];
}

type TextRules = Pick<UpdateRules, 'severities' | 'pageOf' | 'dated'>;

export function textOf(update: XmlElement, rules: TextRules): VulnerabilityText {
  return composeText(
    {
      name: childOf(update, 'id')?.text.trim() ?? '',
      title: childOf(update, 'title')?.text ?? '',
      description: childOf(update, 'description')?.text ?? '',
      severity: childOf(update, 'severity')?.text.trim() ?? '',
      issued: childOf(update, 'issued')?.attributes.date ?? '',
      references: childrenOf(childOf(update, 'references'), 'reference').map(({ attributes }) => attributes),
    },
    rules,
  );
}

// clair-quirk: the date of issue of Amazon's is not told, though the file has it
/** The text of the advisories of an update. */
export function composeText(
  { name, title, description, severity, issued, references }: WrittenUpdate,
  { severities, pageOf, dated = false }: TextRules,
): VulnerabilityText {
  const date = dated ? dateOf(issued) : undefined;
  const named = cvesIn([...references.flatMap(({ id = '', title: of = '' }) => [id, of]), title]);
  const aliases = named.length > 0 ? named : cvesIn([description]);
  return {
    name,
    description,
    ...(date === undefined ? {} : { issued: date }),
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
function dateOf(written: string): string | undefined {
  const [, day, time = '00:00', seconds = ':00'] =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(:\d\d)?(?:\.\d+)?Z?)?$/.exec(written.trim()) ?? [];
  const issued = `${day}T${time}${seconds}Z`;
  return day === undefined || Number.isNaN(Date.parse(issued)) ? undefined : issued;
}
