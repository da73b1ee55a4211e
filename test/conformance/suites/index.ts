/** The suites, in the order in which they run. */
import { indexSuite } from './index-reports.ts';
import { nextDaySuite } from './next-day.ts';
import type { Suite } from './suite.ts';
import { reportsSuite } from './vulnerability-reports.ts';

export const SUITES: readonly Suite[] = [indexSuite, reportsSuite, nextDaySuite];
