/** The list of transports: one line each. */
import { amqp } from './amqp/index.ts';
import { stomp } from './stomp/index.ts';
import { webhook } from './webhook/index.ts';

export const transports = [webhook, amqp, stomp] as const;
