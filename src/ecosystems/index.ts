/** Every ecosystem there is, in the order of a report. Adding one: a folder here, and two lines below. */

import type { Ecosystem } from '../contract/ecosystem.ts';
import { apk } from './apk/index.ts';
import { deb } from './deb/index.ts';
import { dotnet } from './dotnet/index.ts';
import { go } from './go/index.ts';
import { hex } from './hex/index.ts';
import { java } from './java/index.ts';
import { node } from './node/index.ts';
import { other } from './other/index.ts';
import { php } from './php/index.ts';
import { python } from './python/index.ts';
import { redhat } from './redhat/index.ts';
import { ruby } from './ruby/index.ts';
import { rust } from './rust/index.ts';

export const ecosystems: readonly Ecosystem[] = [
  // Operating systems.
  deb,
  apk,
  ...redhat,
  // Languages.
  python,
  java,
  ruby,
  node,
  go,
  rust,
  php,
  dotnet,
  hex,
  // What none of them knows.
  other,
];
