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
];
