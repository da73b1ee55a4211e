/** The suites, in the order in which they run. */
import { apiSuite } from './api.ts';
import { apiAuthSuite } from './api-auth.ts';
import { apiBusySuite } from './api-busy.ts';
import { apiIntrospectionSuite } from './api-introspection.ts';
import { clairctlSuite } from './clairctl.ts';
import { clairctlOfflineSuite } from './clairctl-offline.ts';
import { indexSuite } from './index-reports.ts';
import { nextDaySuite } from './next-day.ts';
import { notificationsSuite } from './notifications.ts';
import type { Suite } from './suite.ts';
import { reportsSuite } from './vulnerability-reports.ts';

export const SUITES: readonly Suite[] = [
  indexSuite,
  reportsSuite,
  apiSuite,
  apiAuthSuite,
  apiBusySuite,
  apiIntrospectionSuite,
  notificationsSuite, // brings the second day, and goes back
  nextDaySuite,
  clairctlSuite,
  clairctlOfflineSuite,
];
