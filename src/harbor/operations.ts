/** The operations of Harbor's pluggable scanner API, version 1.2. */
import { z } from 'zod';
import { operation, parameter, readUuid } from '../http/operation.ts';
import { HarborMetadata, HarborReport, HarborScanRequest, HarborScanResponse } from '../model/api/harbor.ts';
import { METADATA, METADATA_1_0, REPORT_TYPES, SBOM_FORMATS, SCAN_RESPONSE } from './media-types.ts';

/** Below `/indexer/`, so that whatever sends the API to the indexer sends this too. Harbor adds `/api/v1` itself. */
const PREFIX = '/indexer/harbor/api/v1';

/** Whether a request is authenticated here, and not by `auth`. */
export function isHarborRequest(url: string): boolean {
  return url.startsWith('/indexer/harbor/');
}

export const HARBOR_METADATA = operation({
  method: 'GET',
  path: `${PREFIX}/metadata`,
  tag: 'harbor',
  id: 'harborMetadata',
  summary: 'What the scanner is and can do. Not in Clair.',
  answers: {
    200: { description: 'The metadata.', schema: HarborMetadata, types: [METADATA, METADATA_1_0] },
  },
});

export const HARBOR_SCAN = operation({
  method: 'POST',
  path: `${PREFIX}/scan`,
  tag: 'harbor',
  id: 'harborScan',
  summary: 'Queues a scan. Not in Clair.',
  body: { schema: HarborScanRequest },
  answers: { 202: { description: 'Queued.', schema: HarborScanResponse, types: [SCAN_RESPONSE] } },
  errors: {
    'bad-request': 'The body is not JSON, or has values of wrong types.',
    'invalid-field': true,
    'not-supported': true,
    'too-many-requests': 'As many images as may be wait to be scanned.',
  },
});

export const HARBOR_REPORT = operation({
  method: 'GET',
  path: `${PREFIX}/scan/{scan_request_id}/report`,
  tag: 'harbor',
  id: 'harborReport',
  summary: 'The report of a scan. Not in Clair.',
  params: {
    scan_request_id: parameter(
      { type: 'string', format: 'uuid', description: 'Of the answer to the scan request.' },
      readUuid((value) => `scan_request_id: ${JSON.stringify(value)} is no UUID`),
    ),
  },
  query: {
    sbom_media_type: z
      .string()
      .meta({ enum: [...SBOM_FORMATS], description: 'Format of the SBOM; required for one.' })
      .optional(),
  },
  headers: { Accept: `One of ${REPORT_TYPES.map((type) => `\`${type}\``).join(', ')}.` },
  answers: {
    200: { description: 'The report.', schema: HarborReport, types: REPORT_TYPES },
    302: {
      description: 'The scan has not ended, or a feed that it needs is being loaded.',
      headers: { 'Refresh-After': 'Seconds after which to ask again.' },
    },
  },
  errors: {
    'bad-request': '`sbom_media_type` is missing or unknown, or an SBOM of an index was requested.',
    'not-found': 'There is no such scan, or its report has expired (`harbor.retention`) or was deleted.',
    'not-supported': true,
    'internal-error': 'The scan failed; the message says why.',
  },
});
