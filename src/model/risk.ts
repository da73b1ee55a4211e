/**
 * The risk of a finding, from 0 to 100: how bad it would be times how likely it is to be exploited. It is for an order (what
 * to do first), and no measure of anything. docs/decisions has why it is so and not otherwise.
 */
import type { Severity } from './severity.ts';

/** What the risk is made of. */
export interface Risky {
  readonly severity: Severity;
  /** Probability of exploitation within 30 days, 0 to 1. */
  readonly epss?: number;
  readonly exploited: boolean;
  readonly fixedIn: string;
}

/** How bad. What nobody has rated is taken as Medium: below, it would hide behind what is known to be harmless. */
const IMPACT: Readonly<Record<Severity, number>> = {
  Critical: 100,
  High: 80,
  Medium: 50,
  Unknown: 50,
  Low: 20,
  Negligible: 10,
};

/** How likely, of what is not known to be exploited: never nothing, and never as much as a certainty. */
const LEAST = 0.2;
const MOST = 0.9;
/** New vulnerabilities have no EPSS yet: they are taken for more than most have (the median is 0.1 %). */
const UNRATED_EPSS = 0.01;
/** What cannot be fixed comes behind its like: there is less to be done. */
const WITHOUT_FIX = 0.95;

/** How bad, less for what cannot be fixed: the part of the risk that is of the finding. */
export function impactOf({ severity, fixedIn }: Pick<Risky, 'severity' | 'fixedIn'>): number {
  return IMPACT[severity] * (fixedIn === '' ? WITHOUT_FIX : 1);
}

/** How likely: the part of the risk that is of the vulnerability. */
export function likelihoodOf({ epss = UNRATED_EPSS, exploited }: Pick<Risky, 'epss' | 'exploited'>): number {
  const probability = Math.min(1, Math.max(0, epss));
  // EPSS is mostly tiny: the root tells 0.1 % from 1 % as well as 10 % from 40 %.
  return exploited ? 1 : LEAST + (MOST - LEAST) * Math.sqrt(probability);
}

/**
 * `impact × likelihood × fix`: likelihood is 1 if it is exploited (KEV), else `0.2 + 0.7 × √EPSS`. Law: of two findings of
 * a severity the exploited one has the higher risk, as 1 × 0.95 > 0.9 × 1.
 */
export function riskOf(risky: Risky): number {
  return impactOf(risky) * likelihoodOf(risky);
}

/** As reports have it: one decimal. */
export function shownRisk(risk: number): number {
  return Math.round(risk * 10) / 10;
}
