/** Every transport there is, in the order of their names. */
import * as list from './list.ts';

export type ListedTransport = (typeof list)[keyof typeof list];

export const transports: readonly ListedTransport[] = Object.values(list);
