/** Every transport: a folder, and one line here. */
export { amqp } from './amqp/index.ts';
export { stomp } from './stomp/index.ts';
export { webhook } from './webhook/index.ts';
