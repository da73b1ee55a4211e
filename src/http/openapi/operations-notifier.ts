/** The operations of the notifier. */
import { BAD, NOT_ACCEPTABLE, type Operation, type Parameter } from './operation.ts';

const ID: Parameter = {
  name: 'id',
  in: 'path',
  description: 'Of the notification, as its receiver was told.',
  required: true,
  schema: { type: 'string', format: 'uuid' },
};

export const NOTIFIER_OPERATIONS: readonly Operation[] = [
  {
    method: 'GET',
    path: '/notifier/api/v1/notification/{id}',
    tag: 'notifier',
    id: 'notification',
    summary: 'A page of a notification.',
    parameters: [
      ID,
      {
        name: 'page_size',
        in: 'query',
        description: 'Default: 500.',
        schema: { type: 'integer', minimum: 0 },
      },
      {
        name: 'next',
        in: 'query',
        description: '`page.next` of the page before.',
        schema: { type: 'string', format: 'uuid' },
      },
    ],
    responses: {
      200: {
        description: 'The page.',
        schema: 'NotificationPage',
        types: ['application/vnd.clair.notification_page.v1+json', 'application/json'],
      },
      400: BAD,
      404: { description: 'There is no such notification.', schema: 'Error' },
      415: NOT_ACCEPTABLE,
    },
  },
  {
    method: 'DELETE',
    path: '/notifier/api/v1/notification/{id}',
    tag: 'notifier',
    id: 'deleteNotification',
    summary: 'Says that a notification was read.',
    parameters: [ID],
    responses: {
      200: { description: 'It may be forgotten.' },
      400: BAD,
      404: { description: 'There is no such notification.', schema: 'Error' },
    },
  },
  {
    method: 'GET',
    path: '/notifier/api/v1/internal/deliveries',
    tag: 'notifier',
    id: 'deliveries',
    summary: 'What became of each delivery, the newest first, and how each transport is doing. Not in Clair.',
    parameters: [
      { name: 'state', in: 'query', description: 'Only those in it.', schema: { type: 'string' } },
      { name: 'transport', in: 'query', description: 'Only those by it.', schema: { type: 'string' } },
      {
        name: 'page_size',
        in: 'query',
        description: 'Default: 100.',
        schema: { type: 'integer', minimum: 1, maximum: 1000 },
      },
      {
        name: 'next',
        in: 'query',
        description: '`page.next` of the page before.',
        schema: { type: 'string' },
      },
    ],
    responses: { 200: { description: 'A page of them.', schema: 'Deliveries' }, 400: BAD },
  },
  {
    method: 'POST',
    path: '/notifier/api/v1/internal/deliveries/{id}/redeliver',
    tag: 'notifier',
    id: 'redeliver',
    summary: 'Delivers again what was delivered or given up. Not in Clair.',
    parameters: [
      { ...ID, description: 'Of the delivery.', schema: { type: 'string', pattern: '^[0-9]{1,18}$' } },
    ],
    responses: {
      202: { description: 'It will be delivered.' },
      400: BAD,
      404: { description: 'There is no such delivery, or it waits already.', schema: 'Error' },
    },
  },
  {
    method: 'POST',
    path: '/notifier/api/v1/internal/test',
    tag: 'notifier',
    id: 'testDelivery',
    summary: 'Delivers a notification of nothing, to see whether it arrives. Not in Clair.',
    body: { schema: 'TestDelivery', description: 'Nothing: by all transports.' },
    responses: { 200: { description: 'How it went.', schema: 'TestResults' }, 400: BAD },
  },
];
