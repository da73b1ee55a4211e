/** Every ecosystem there is, in the order of a report. Adding one: a folder here, and two lines below. */
import { apk } from './apk/index.ts';
import type { Ecosystem } from './contract.ts';
import { deb } from './deb/index.ts';
import { go } from './go/index.ts';
import { node } from './node/index.ts';
import { other } from './other/index.ts';
import { python } from './python/index.ts';

export const ecosystems: readonly Ecosystem[] = [deb, apk, python, node, go, other];
