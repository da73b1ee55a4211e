/** CVSS vectors of every version, as a score and as one of Clair's severities. */
import calculator from 'ae-cvss-calculator';
import type { Severity } from '../model/severity.ts';

/** Longer than any vector with all its metrics. */
const MAX_LENGTH = 512;

const METRICS = /^(?:[A-Za-z]{1,3}:[A-Za-z]{1,6})(?:\/[A-Za-z]{1,3}:[A-Za-z]{1,6})*$/;

/** What a CVSS vector says. */
export interface CvssReading {
  /** 0 to 10. */
  readonly score: number;
  /** 2.0, 3.0, 3.1 or 4.0. */
  readonly version: string;
}

/** Reads a CVSS vector; undefined if it is none or lacks a base metric. Advisories share vectors: the last ones are remembered. */
export function readCvss(vector: string): CvssReading | undefined {
  if (!/^(CVSS:|AV:)/.test(vector)) return undefined;
  if (recent.has(vector)) return recent.get(vector);
  const score = cvssScore(vector);
  const version = /^CVSS:(\d\.\d)\//.exec(vector)?.[1] ?? '2.0';
  const reading = score === undefined ? undefined : { score, version };
  if (recent.size >= REMEMBERED) recent.clear();
  recent.set(vector, reading);
  return reading;
}

const REMEMBERED = 4000;
const recent = new Map<string, CvssReading | undefined>();

/**
 * The score of a CVSS vector: of versions 2 and 3 that of its base metrics, of version 4 that of all its metrics, as
 * the threat metrics are part of it there (CVSS 4.0 §8). undefined if it is none or lacks a base metric.
 */
export function cvssScore(vector: string): number | undefined {
  if (vector.length > MAX_LENGTH) return undefined;
  const [, version, metrics] = /^(?:CVSS:(\d\.\d)\/)?(.*)$/.exec(vector) ?? [];
  if (metrics === undefined || !METRICS.test(metrics)) return undefined;
  // Every CVSS specification: a vector must not name a metric twice.
  const names = metrics.split('/').map((metric) => metric.slice(0, metric.indexOf(':')));
  if (new Set(names).size < names.length) return undefined;
  try {
    const score = scoreOf(vector, version);
    return score !== undefined && Number.isFinite(score) ? score : undefined;
  } catch {
    return undefined; // an unknown metric or value
  }
}

/** Clair's severity of a base score: CVSS's own bands, with 0 as Negligible, for CVSS 2 as well. */
export function severityOfScore(score: number): Severity {
  if (score <= 0) return 'Negligible';
  if (score < 4) return 'Low';
  if (score < 7) return 'Medium';
  return score < 9 ? 'High' : 'Critical';
}

/** The severity that a CVSS vector stands for; undefined if it cannot be read. */
export function severityOfCvss(vector: string): Severity | undefined {
  const score = cvssScore(vector);
  return score === undefined ? undefined : severityOfScore(score);
}

function scoreOf(vector: string, version: string | undefined): number | undefined {
  switch (version) {
    case undefined:
    case '2.0': {
      const cvss = new calculator.Cvss2(vector.replace('CVSS:2.0/', ''));
      return cvss.isBaseFullyDefined() ? cvss.calculateScores().base : undefined;
    }
    case '3.0': {
      const cvss = new calculator.Cvss3P0(vector);
      return cvss.isBaseFullyDefined() ? cvss.calculateScores().base : undefined;
    }
    case '3.1': {
      const cvss = new calculator.Cvss3P1(vector);
      return cvss.isBaseFullyDefined() ? cvss.calculateScores().base : undefined;
    }
    case '4.0': {
      const cvss = new calculator.Cvss4P0(vector);
      return cvss.isBaseFullyDefined() ? cvss.calculateScores().overall : undefined;
    }
    default:
      return undefined;
  }
}
