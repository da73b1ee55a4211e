/** All operations of the API, in the order of the document: that of their services, whichever of them a process runs. */

import { HARBOR_METADATA, HARBOR_REPORT, HARBOR_SCAN } from '../harbor/operations.ts';
import { OPENAPI } from '../http/openapi/openapi-route.ts';
import type { Operation } from '../http/operation.ts';
import { AFFECTED_MANIFESTS, AFFECTED_PAGES } from '../indexer/routes/affected-manifest.ts';
import {
  DELETE_MANIFEST,
  DELETE_MANIFESTS,
  INDEX_REPORT,
  INDEX_STATE,
} from '../indexer/routes/index-report.ts';
import { DELETE_NAMES, MANIFESTS, PUT_NAMES } from '../indexer/routes/manifests.ts';
import { REGISTRY_EVENTS } from '../indexer/routes/registry-events.ts';
import { INDEX } from '../indexer/routes/submit-manifest.ts';
import * as decisions from '../matcher/console/operations/decisions.ts';
import * as fleet from '../matcher/console/operations/fleet.ts';
import * as images from '../matcher/console/operations/images.ts';
import * as operate from '../matcher/console/operations/operate.ts';
import { FEEDS, UPDATE_FEEDS } from '../matcher/routes/feeds.ts';
import { MATCH_REPORT } from '../matcher/routes/match-report.ts';
import { UPDATE_DIFF } from '../matcher/routes/update-diff.ts';
import { DELETE_UPDATE_OPERATION, UPDATE_OPERATIONS } from '../matcher/routes/update-operation.ts';
import { VULNERABILITY_REPORT } from '../matcher/routes/vulnerability-report.ts';
import { DELIVERIES, REDELIVER, TEST_DELIVERY } from '../notifier/routes/deliveries.ts';
import { DELETE_NOTIFICATION, NOTIFICATION } from '../notifier/routes/notification.ts';

/** Those of the console, in the order of its views. */
const CONSOLE: readonly Operation[] = [
  fleet.SESSION,
  fleet.OVERVIEW,
  fleet.TREND,
  images.CONSOLE_IMAGES,
  images.CONSOLE_IMAGE,
  images.CONSOLE_IMAGE_BY_NAME,
  images.CONSOLE_IMAGE_COUNTS,
  images.CONSOLE_IMAGE_PACKAGES,
  images.CONSOLE_IMAGE_FINDINGS,
  images.CONSOLE_IMAGE_COVERAGE,
  fleet.CONSOLE_CVES,
  fleet.CONSOLE_LABELS,
  fleet.CONSOLE_CVE,
  fleet.CONSOLE_CVE_IMAGES,
  fleet.CONSOLE_PACKAGES,
  fleet.CONSOLE_PACKAGE,
  fleet.CONSOLE_PACKAGE_IMAGES,
  fleet.SEARCH,
  images.COMPARE,
  images.COMPARE_PACKAGES,
  images.CONSOLE_IMAGE_WHY,
  operate.EXPORT,
  operate.CONSOLE_FEEDS,
  operate.CONSOLE_FEED,
  operate.CONSOLE_UPDATE_FEEDS,
  operate.CONSOLE_DELIVERIES,
  operate.CONSOLE_REDELIVER,
  decisions.DECISIONS,
  decisions.DECIDE,
  decisions.PREVIEW_DECISION,
  decisions.CHANGE_DECISION,
  decisions.WITHDRAW_DECISION,
  decisions.DECISION_HISTORY,
  decisions.EXPORT_VEX,
  decisions.IMPORT_VEX,
] as const;

export const OPERATIONS: readonly Operation[] = [
  INDEX,
  DELETE_MANIFESTS,
  INDEX_REPORT,
  DELETE_MANIFEST,
  INDEX_STATE,
  PUT_NAMES,
  DELETE_NAMES,
  MANIFESTS,
  AFFECTED_MANIFESTS,
  AFFECTED_PAGES,
  REGISTRY_EVENTS,
  VULNERABILITY_REPORT,
  MATCH_REPORT,
  UPDATE_OPERATIONS,
  DELETE_UPDATE_OPERATION,
  UPDATE_DIFF,
  FEEDS,
  UPDATE_FEEDS,
  ...CONSOLE,
  NOTIFICATION,
  DELETE_NOTIFICATION,
  DELIVERIES,
  REDELIVER,
  TEST_DELIVERY,
  HARBOR_METADATA,
  HARBOR_SCAN,
  HARBOR_REPORT,
  OPENAPI,
];
