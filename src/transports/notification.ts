/** What is told about one manifest: a vulnerability of it was added to the feeds, or removed. */
import type { Severity } from '../model/severity.ts';

/** Clair also knows `changed`, and never makes one. */
export type Reason = 'added' | 'removed';

/** A vulnerability as clients of notifications get it: fewer fields than in a report. */
export interface NotificationVulnerability {
  readonly name: string;
  readonly description: string;
  /** The next three are Clair's objects, passed on as the matcher wrote them. */
  readonly package?: unknown;
  readonly distribution?: unknown;
  readonly repo?: unknown;
  /** Clair's word: this is the normalised one. */
  readonly severity: Severity;
  /** What Quay reads; Clair does not send it. */
  readonly normalized_severity: Severity;
  readonly fixed_in_version: string;
  readonly links: string;
}

/** One item of a page, and of a message with direct delivery; its keys are the wire's. */
export interface Notification {
  readonly id: string;
  readonly manifest: string;
  readonly reason: Reason;
  readonly vulnerability: NotificationVulnerability;
}
