/** Every ecosystem there is. Adding one: a folder here, and a line below. */
import type { Ecosystem } from './contract.ts';

export const ecosystems: readonly Ecosystem[] = [];
