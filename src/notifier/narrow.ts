/** From a vulnerability as reports have it to the fewer fields of a notification. */
import { isObject, type JsonObject } from '../model/json-object.ts';
import { parseSeverity, rankOf } from '../model/severity.ts';
import type { NotificationVulnerability } from '../transports/notification.ts';

/** Texts are as long as feeds make them; a page has hundreds. */
const MAX_TEXT = 64 * 1024;

/** Clair's keys in Clair's order; what is no text is '', a severity that is none is Unknown. */
export function narrow(vulnerability: JsonObject): NotificationVulnerability {
  const severity = parseSeverity(textOf(vulnerability.normalized_severity)) ?? 'Unknown';
  const { package: pkg, distribution, repository } = vulnerability;
  return {
    name: textOf(vulnerability.name),
    description: textOf(vulnerability.description),
    ...(isObject(pkg) && { package: pkg }),
    ...(isObject(distribution) && { distribution }),
    // clair-quirk: `repository` is called `repo` in notifications
    ...(isObject(repository) && { repo: repository }),
    severity,
    // differs: in addition to `severity`, because Quay reads this one (clair-service.md#quay)
    normalized_severity: severity,
    fixed_in_version: textOf(vulnerability.fixed_in_version),
    links: textOf(vulnerability.links),
  };
}

/** Negative: `a` comes first, as the more severe; of equals the one whose text is lower, whatever order they came in. */
export function compareWeight(a: Weighed, b: Weighed): number {
  return b.rank - a.rank || compareText(a.name, b.name) || compareText(a.body, b.body);
}

/** A narrowed vulnerability as it is stored. */
export interface Weighed {
  readonly rank: number;
  readonly name: string;
  /** JSON. */
  readonly body: string;
}

/** Narrowed, written, and ready to be compared. */
export function weigh(vulnerability: JsonObject): Weighed {
  const narrowed = narrow(vulnerability);
  return { rank: rankOf(narrowed.severity), name: narrowed.name, body: JSON.stringify(narrowed) };
}

/** The weight of a vulnerability that is stored, by its body. */
export function readWeight(body: string): Weighed {
  const { name, severity } = JSON.parse(body) as NotificationVulnerability;
  return { rank: rankOf(severity), name, body };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MAX_TEXT) : '';
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
