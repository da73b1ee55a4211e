/** CVSS vectors of every version, as a base score and as one of Clair's severities. */
import calculator from 'ae-cvss-calculator';
import type { Severity } from '../model/severity.ts';

/** Longer than any vector with all its metrics. */
const MAX_LENGTH = 512;

const METRICS = /^(?:[A-Za-z]{1,3}:[A-Za-z]{1,6})(?:\/[A-Za-z]{1,3}:[A-Za-z]{1,6})*$/;

/** The base score of a CVSS 2, 3.0, 3.1 or 4.0 vector; undefined if it is none or lacks a base metric. */
export function cvssBaseScore(vector: string): number | undefined {
  if (vector.length > MAX_LENGTH) return undefined;
  const [, version, metrics] = /^(?:CVSS:(\d\.\d)\/)?(.*)$/.exec(vector) ?? [];
  if (metrics === undefined || !METRICS.test(metrics)) return undefined;
  // Every CVSS specification: a vector must not name a metric twice.
  const names = metrics.split('/').map((metric) => metric.slice(0, metric.indexOf(':')));
  if (new Set(names).size < names.length) return undefined;
  try {
    const score = baseScore(vector, version);
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
  const score = cvssBaseScore(vector);
  return score === undefined ? undefined : severityOfScore(score);
}

function baseScore(vector: string, version: string | undefined): number | undefined {
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
      return cvss.isBaseFullyDefined() ? cvss.calculateScores().baseMetricsOnly : undefined;
    }
    default:
      return undefined;
  }
}
