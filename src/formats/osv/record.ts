/** One OSV record as advisories (OSV schema, ossf.github.io/osv-schema). */
import { z } from 'zod';
import type { Advisory, Scope, VulnerabilityText } from '../../model/advisory.ts';
import { parseSeverity, type Severity } from '../../model/severity.ts';
import { joinVulnerableCode } from '../../model/vulnerable-code.ts';
import { severityOfCvss } from '../cvss.ts';
import { affectedIntervals, type OrderOf, orderOf } from './affected.ts';
import { aliasesOfErratum, isOfSecurity, modulesOf, severityOfErratum } from './errata.ts';
import type { Interval } from './intervals.ts';
import type { OsvOptions } from './options.ts';

/** PostgreSQL stores no NUL, and UTF-8 has no lone surrogates. */
const text = z.string().transform((written) => written.replaceAll('\0', '').toWellFormed());
/** An index of the database takes no longer ones. */
const identifier = text.pipe(z.string().min(1).max(1000));
const optional = text.optional().catch(undefined);

/** A list whose unreadable members are left out: none of them is worth an advisory. */
function list<T extends z.ZodType>(member: T) {
  return z
    .array(z.unknown())
    .transform((values) => values.flatMap((value) => parsed(member, value)))
    .catch([]);
}

function parsed<T extends z.ZodType>(schema: T, value: unknown): z.output<T>[] {
  const result = schema.safeParse(value);
  return result.success ? [result.data] : [];
}

const Ratings = list(z.object({ type: text, score: text }));

const Affected = z.object({
  package: z.object({ ecosystem: text, name: identifier }),
  ranges: z.unknown().optional(),
  versions: z.unknown().optional(),
  severity: Ratings,
  ecosystem_specific: z.unknown().optional(),
});

const OsvRecord = z.object({
  id: identifier,
  summary: optional,
  published: optional,
  withdrawn: optional,
  aliases: list(identifier),
  upstream: list(identifier),
  related: list(identifier),
  references: list(z.object({ url: text })),
  severity: Ratings,
  database_specific: z.object({ severity: optional }).optional().catch(undefined),
  affected: z.array(z.unknown()).nullish(),
});

type OsvRecord = z.output<typeof OsvRecord>;
type Affected = z.output<typeof Affected>;

/** What the advisories of a record need of the world around. */
export interface OsvContext {
  readonly now: Date;
  problem(reason: string): void;
  /** That of the versions, where many records are read. */
  readonly order?: OrderOf;
}

/** The advisories of a parsed JSON record, none if it is withdrawn or of other ecosystems. Throws if it is no record. */
export function advisoriesOf(json: unknown, options: OsvOptions, context: OsvContext): Advisory[] {
  const result = OsvRecord.safeParse(json);
  if (!result.success) throw new Error(`no OSV record: ${reasonOf(result.error)}`);
  const record = result.data;
  if (isWithdrawn(record, context)) return [];
  if (options.errata && !isOfSecurity(record)) return [];
  const issued = dateOf(record.published);
  if (record.published !== undefined && issued === undefined) {
    context.problem(`published is not a date: ${JSON.stringify(record.published)}`);
  }
  const advisories = new Map<string, Advisory>();
  for (const each of record.affected ?? []) {
    const affected = Affected.safeParse(each);
    if (!affected.success) {
      if (mayConcern(each, options)) context.problem(`an unreadable "affected": ${reasonOf(affected.error)}`);
      continue;
    }
    if (!isOf(affected.data.package.ecosystem, options)) continue;
    const scopes = scopesOf(affected.data.package.ecosystem, options);
    if (scopes.length === 0 || options.isAbout?.(json, affected.data.package.name) === false) continue;
    const vulnerability = vulnerabilityOf(record, affected.data, issued, options);
    for (const advisory of advisoriesOfPackage(affected.data, vulnerability, scopes, options, context)) {
      // differs: the same interval twice is one advisory (clair-matching.md#osv)
      const { scope, name, module, from, below, upTo } = advisory;
      const id = JSON.stringify([scope, name, module, from, below, upTo]);
      const known = advisories.get(id);
      advisories.set(id, known === undefined ? advisory : withCodeOf(known, advisory));
    }
  }
  return [...advisories.values()];
}

/** Two entries that are about the same versions are about the code of both. */
function withCodeOf({ code: known, ...advisory }: Advisory, { code: other }: Advisory): Advisory {
  const code = joinVulnerableCode(known, other);
  return { ...advisory, ...(code && { code }) };
}

function isWithdrawn({ withdrawn }: OsvRecord, context: OsvContext): boolean {
  if (withdrawn === undefined) return false;
  const at = Date.parse(withdrawn);
  if (Number.isNaN(at)) {
    context.problem(`kept, because withdrawn is not a date: ${JSON.stringify(withdrawn)}`);
    return false;
  }
  if (at <= context.now.getTime()) return true;
  context.problem(`kept until it is withdrawn, at ${withdrawn}`);
  return false;
}

/** `Debian:12` is of the ecosystem `Debian`. */
function isOf(ecosystem: string, { dump }: OsvOptions): boolean {
  return ecosystem.split(':')[0]!.toLowerCase() === dump.toLowerCase();
}

/** Those of the release, `9` of `AlmaLinux:9`; all where a record names none. Empty for a release that is not read. */
function scopesOf(ecosystem: string, { scope }: OsvOptions): readonly Scope[] {
  if ('key' in scope) return [scope];
  const colon = ecosystem.indexOf(':');
  // OSV schema: the suffix is optional for some distributions
  return colon < 0 ? scope.scopes : scope.of(ecosystem.slice(colon + 1));
}

/** Whether an unreadable entry may be about this ecosystem: only then is its loss worth telling. */
function mayConcern(affected: unknown, options: OsvOptions): boolean {
  const named = z.object({ package: z.object({ ecosystem: z.string() }) }).safeParse(affected);
  return !named.success || isOf(named.data.package.ecosystem, options);
}

function vulnerabilityOf(
  record: OsvRecord,
  affected: Affected,
  issued: string | undefined,
  { errata }: OsvOptions,
): VulnerabilityText {
  const aliases = errata ? aliasesOfErratum(record) : record.aliases;
  const urls = [
    ...record.references.map(({ url }) => url.trim().replace(/\s/g, '%20')),
    // clair-quirk: an alias that is listed twice is linked twice
    ...aliases.map((alias) => `https://osv.dev/vulnerability/${encodeURI(alias)}`),
  ];
  return {
    name: record.id,
    description: record.summary ?? '',
    ...(issued === undefined ? {} : { issued }),
    links: urls.filter((url) => url !== '').join(' '),
    // OSV schema: a severity is either the record's or that of each package
    ...((errata && severityOfErratum(record)) ||
      severityOf(record.severity.length > 0 ? record.severity : affected.severity, record)),
    aliases: [...new Set(aliases)],
  };
}

/** clair-quirk: of several vectors the last counts, and is shown as written. */
// differs: the text shown is the vector that the severity is of, also if one after it cannot be read (clair-matching.md#osv)
function severityOf(
  ratings: Affected['severity'],
  record: OsvRecord,
): { severity: string; normalizedSeverity: Severity } {
  const vectors = ratings.filter(({ type }) => /^CVSS_V[234]$/.test(type)).map(({ score }) => score);
  for (const vector of vectors.toReversed()) {
    const normalizedSeverity = severityOfCvss(vector);
    if (normalizedSeverity !== undefined) return { severity: vector, normalizedSeverity };
  }
  const word = record.database_specific?.severity ?? '';
  const normalizedSeverity = /^moderate$/i.test(word) ? 'Medium' : (parseSeverity(word) ?? 'Unknown');
  return { severity: word || (vectors.at(-1) ?? ''), normalizedSeverity };
}

function advisoriesOfPackage(
  { package: { name: shownName }, ranges, versions: listed, ecosystem_specific: specific }: Affected,
  vulnerability: VulnerabilityText,
  scopes: readonly Scope[],
  options: OsvOptions,
  context: OsvContext,
): Advisory[] {
  const { versions, normaliseName, encodeFixed, kind = 'binary', errata } = options;
  const intervals = affectedIntervals(
    { ranges, versions: listed },
    options,
    context.order ?? orderOf(versions),
    (reason) => context.problem(`${shownName}: ${reason}`),
  );
  const name = normaliseName?.(shownName) ?? shownName;
  const code = options.codeOf?.(specific, shownName);
  return intervals.flatMap((interval) =>
    (errata ? modulesOf(vulnerability.description, interval.fixed) : [undefined]).flatMap((module) =>
      scopes.map(({ key: scope }) => ({
        scope,
        name,
        kind,
        ...(module === undefined ? {} : { module }),
        ...bounds(interval),
        ...(shownName === name ? {} : { shownName }),
        fixedInVersion: encodeFixed === 'query' ? queryOf(interval) : (interval.fixed ?? ''),
        ...(code && { code }),
        vulnerability,
      })),
    ),
  );
}

function bounds({ fixed: _fixed, ...interval }: Interval): Omit<Interval, 'fixed'> {
  return interval;
}

/** Clair's own matchers read the interval from `fixed_in_version`: a URL query with its keys in order. */
function queryOf({ from, upTo, fixed }: Interval): string {
  return Object.entries({ fixed, introduced: from, lastAffected: upTo })
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${queryEscape(value)}`]))
    .join('&');
}

/** As Go writes a query: letters, digits and `-_.~` stand for themselves, a space is `+`. */
function queryEscape(value: string): string {
  const escaped = encodeURIComponent(value).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return escaped.replaceAll('%20', '+');
}

/** RFC 3339 in UTC with at most microseconds, as a database keeps it; undefined if it is no date. */
function dateOf(written: string | undefined): string | undefined {
  const match = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.exec(written ?? '');
  if (match === null) return undefined;
  const [, seconds = '', fraction = '', zone = ''] = match;
  const time = new Date(`${seconds}${zone}`.toUpperCase());
  if (Number.isNaN(time.getTime())) return undefined;
  const digits = fraction.slice(0, 7).replace(/\.?0*$/, '');
  return `${time.toISOString().slice(0, -5)}${digits}Z`;
}

function reasonOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? 'unreadable' : `${issue.path.join('.')}: ${issue.message}`;
}
