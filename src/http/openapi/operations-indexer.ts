/** The operations of the indexer. */
import {
  BAD,
  DIGEST,
  IF_NONE_MATCH,
  NOT_ACCEPTABLE,
  NOT_MODIFIED,
  type Operation,
  type Response,
} from './operation.ts';

const PREFIX = '/indexer/api/v1';
const REPORT_TYPES = ['application/vnd.clair.index_report.v1+json', 'application/json'];
const ETAG = { ETag: 'The state of the indexer: while it holds, so does the report.' };
const LINKS = { Link: 'The index report and the vulnerability report of the manifest.' };

const error = (description: string): Response => ({ description, schema: 'Error' });

export const INDEXER_OPERATIONS: readonly Operation[] = [
  {
    method: 'POST',
    path: `${PREFIX}/index_report`,
    tag: 'indexer',
    id: 'index',
    summary: 'Indexes a manifest.',
    description:
      'Answers when the manifest is indexed, at once if it is already. With `Prefer: respond-async` it answers 202 at once; the ' +
      'report at Location tells how far it is, in the member `job`, which is gone when it is done. A client that disconnects ends ' +
      'the work; layers that are done are kept.',
    parameters: [
      IF_NONE_MATCH,
      {
        name: 'Prefer',
        in: 'header',
        description: '`respond-async` (RFC 7240): do not wait. Not in Clair.',
        schema: { type: 'string' },
      },
    ],
    body: { schema: 'Manifest', description: 'May have a Content-Encoding of gzip, zstd or deflate.' },
    responses: {
      201: {
        description: 'It is indexed.',
        schema: 'IndexReport',
        types: REPORT_TYPES.slice(0, 1),
        headers: { ...ETAG, ...LINKS, Location: 'The index report.' },
      },
      202: {
        description: 'It will be indexed.',
        schema: 'IndexReport',
        types: REPORT_TYPES.slice(0, 1),
        headers: {
          ...LINKS,
          Location: 'The index report.',
          'Preference-Applied': '`respond-async`',
          'Retry-After': 'Seconds after which to look again.',
        },
      },
      400: error(
        'The manifest is malformed, a layer is no layer or over a limit, or its URL can never work.',
      ),
      412: { description: 'The client has a report of this state already (If-None-Match).', headers: LINKS },
      413: { description: 'The manifest is too large.', schema: 'Error' },
      415: { description: 'The Content-Encoding is not known.', schema: 'Error' },
      422: error('The server of a layer refuses it, or has other bytes: submit again with a fresh URL.'),
      429: {
        ...error('As many manifests as may be are being indexed.'),
        headers: { 'Retry-After': 'Seconds after which to submit again.' },
      },
      500: error('A layer cannot be had, or the indexer is broken. The report says so too.'),
      503: error(
        'It took longer than `indexer.index_report_timeout`, the service is stopping, or the database is away: submit again after Retry-After.',
      ),
    },
  },
  {
    method: 'DELETE',
    path: `${PREFIX}/index_report`,
    tag: 'indexer',
    id: 'deleteManifests',
    summary: 'Forgets manifests.',
    body: { schema: 'Digests' },
    responses: {
      200: { description: 'Those that were known; null if none was.', schema: 'DeletedDigests' },
      400: BAD,
    },
  },
  {
    method: 'GET',
    path: `${PREFIX}/index_report/{digest}`,
    tag: 'indexer',
    id: 'indexReport',
    summary: 'The index report of a manifest, finished or not.',
    parameters: [DIGEST, IF_NONE_MATCH],
    responses: {
      200: { description: 'The report.', schema: 'IndexReport', types: REPORT_TYPES, headers: ETAG },
      304: NOT_MODIFIED,
      400: BAD,
      404: { description: 'The manifest was never submitted.', schema: 'Error' },
      415: NOT_ACCEPTABLE,
    },
  },
  {
    method: 'DELETE',
    path: `${PREFIX}/index_report/{digest}`,
    tag: 'indexer',
    id: 'deleteManifest',
    summary: 'Forgets a manifest.',
    parameters: [DIGEST],
    responses: { 204: { description: 'It is forgotten, or was never known.' }, 400: BAD },
  },
  {
    method: 'GET',
    path: `${PREFIX}/index_state`,
    tag: 'indexer',
    id: 'indexState',
    summary: 'The state of the indexer: manifests should be submitted again when it changes.',
    parameters: [IF_NONE_MATCH],
    responses: {
      200: {
        description: 'The state.',
        schema: 'IndexState',
        types: ['application/vnd.clair.index_state.v1+json', 'application/json'],
        headers: ETAG,
      },
      304: NOT_MODIFIED,
      415: NOT_ACCEPTABLE,
    },
  },
  {
    method: 'POST',
    path: `${PREFIX}/internal/affected_manifest/`,
    tag: 'indexer',
    id: 'affectedManifests',
    summary: 'Which manifests vulnerabilities affect.',
    body: { schema: 'Vulnerabilities' },
    responses: {
      200: {
        description: 'Those that are affected.',
        schema: 'AffectedManifests',
        types: ['application/vnd.clair.affected_manifests.v1+json', 'application/json'],
      },
      400: BAD,
      415: NOT_ACCEPTABLE,
    },
  },
];
