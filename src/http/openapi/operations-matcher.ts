/** The operations of the matcher, and what all modes have. */
import { BAD, DIGEST, IF_NONE_MATCH, NOT_ACCEPTABLE, NOT_MODIFIED, type Operation } from './operation.ts';

const PREFIX = '/matcher/api/v1';
/** Of the description itself. */
export const DOCUMENT_TYPES = [
  'application/openapi+json',
  'application/openapi+yaml',
  'application/json',
  'application/yaml',
  'application/vnd.oai.openapi+json',
  'application/vnd.oai.openapi+yaml',
] as const;

const UUID = { type: 'string', format: 'uuid' };

export const MATCHER_OPERATIONS: readonly Operation[] = [
  {
    method: 'GET',
    path: `${PREFIX}/vulnerability_report/{digest}`,
    tag: 'matcher',
    id: 'vulnerabilityReport',
    summary: 'What affects an indexed manifest, as of now.',
    parameters: [DIGEST, IF_NONE_MATCH],
    responses: {
      200: {
        description: 'The report.',
        schema: 'VulnerabilityReport',
        types: ['application/vnd.clair.index_report.v1+json'],
        headers: { ETag: 'Changes with the report.', 'Cache-Control': '`matcher.cache_age`' },
      },
      202: {
        description: 'A feed that the image needs is being loaded for the first time.',
        headers: { 'Retry-After': 'Seconds after which to ask again.' },
      },
      304: NOT_MODIFIED,
      400: BAD,
      404: { description: 'The manifest was never indexed to the end.', schema: 'Error' },
    },
  },
  {
    method: 'POST',
    path: `${PREFIX}/match_report`,
    tag: 'matcher',
    id: 'matchReport',
    summary: 'What affects an image that somebody else has indexed; nothing is stored. Not in Clair.',
    body: { schema: 'IndexReport' },
    responses: {
      200: {
        description: 'The report.',
        schema: 'VulnerabilityReport',
        types: ['application/vnd.clair.vulnerability_report.v1+json'],
      },
      202: {
        description: 'A feed that the image needs is being loaded for the first time.',
        headers: { 'Retry-After': 'Seconds after which to ask again.' },
      },
      400: BAD,
      429: {
        description: 'As many reports as may be are being made.',
        schema: 'Error',
        headers: { 'Retry-After': 'Seconds after which to ask again.' },
      },
    },
  },
  {
    method: 'GET',
    path: `${PREFIX}/internal/update_operation`,
    tag: 'matcher',
    id: 'updateOperations',
    summary: 'What the feeds brought, and when.',
    parameters: [
      {
        name: 'kind',
        in: 'query',
        description: 'Default: vulnerability.',
        schema: { type: 'string', enum: ['vulnerability', 'enrichment'] },
      },
      {
        name: 'latest',
        in: 'query',
        description: 'The newest of each feed only.',
        schema: { type: 'boolean' },
      },
      IF_NONE_MATCH,
    ],
    responses: {
      200: {
        description: 'By feed.',
        schema: 'UpdateOperations',
        headers: { ETag: 'The newest operation; absent if there is none.' },
      },
      304: NOT_MODIFIED,
      400: BAD,
    },
  },
  {
    method: 'DELETE',
    path: `${PREFIX}/internal/update_operation/{ref}`,
    tag: 'matcher',
    id: 'deleteUpdateOperation',
    summary: 'Forgets an update operation; the advisories stay.',
    parameters: [{ name: 'ref', in: 'path', description: 'Of the operation.', required: true, schema: UUID }],
    responses: { 200: { description: 'It is forgotten, or was never known.' }, 400: BAD },
  },
  {
    method: 'GET',
    path: `${PREFIX}/internal/update_diff`,
    tag: 'matcher',
    id: 'updateDiff',
    summary: 'What changed between two update operations.',
    parameters: [
      { name: 'cur', in: 'query', description: 'The newer one.', required: true, schema: UUID },
      { name: 'prev', in: 'query', description: 'The older one; absent: from nothing.', schema: UUID },
    ],
    responses: {
      200: { description: 'The difference.', schema: 'UpdateDiff' },
      400: BAD,
      404: { description: 'There is no such operation.', schema: 'Error' },
    },
  },
  {
    method: 'GET',
    path: `${PREFIX}/internal/feeds`,
    tag: 'matcher',
    id: 'feeds',
    summary: 'How every feed is. Not in Clair.',
    responses: { 200: { description: 'The feeds.', schema: 'Feeds' } },
  },
  {
    method: 'POST',
    path: `${PREFIX}/internal/feeds/update`,
    tag: 'matcher',
    id: 'updateFeeds',
    summary: 'Asks feeds for news now. Not in Clair.',
    body: { schema: 'FeedSelection', description: 'Nothing: all of them.' },
    responses: { 202: { description: 'They will be asked.' }, 400: BAD },
  },
];

export const ABOUT_OPERATIONS: readonly Operation[] = [
  {
    method: 'GET',
    path: '/openapi/v1',
    tag: 'about',
    id: 'openapi',
    summary: 'This document.',
    parameters: [IF_NONE_MATCH],
    responses: {
      200: {
        description: 'The document, in JSON or YAML.',
        schema: 'Document',
        types: DOCUMENT_TYPES,
        headers: { ETag: 'Changes with the document.' },
      },
      304: NOT_MODIFIED,
      415: NOT_ACCEPTABLE,
    },
  },
];
