/** Gems as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { languagePurl } from '../../formats/purl/language.ts';
import { RUBYGEMS } from './detect-gemspecs.ts';

/** As in the file name of a gem, which Syft takes for its version: `1.16.0-x86_64-linux`, `1.16.0-java`. */
const PLATFORM =
  /-(?:ruby|java|jruby|mswin\d*|(?:x86_64|x86|x64|i[3-6]86|arm\w*|aarch64|universal|powerpc\w*|ppc\w*|s390x?|riscv64)(?:-[\w.]+)+)$/;

/** `pkg:gem/…`. */
export const purl: PurlMapping = languagePurl({
  type: 'gem',
  repository: RUBYGEMS,
  readVersion: (version) => version.replace(PLATFORM, ''),
});
