/** npm packages as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { languagePurl } from '../../formats/purl/language.ts';
import { NPM } from './detect-package-json.ts';

/** `pkg:npm/…`. */
export const purl: PurlMapping = languagePurl({
  type: 'npm',
  repository: NPM,
  separator: '/',
  hasNamespace: (name) => name.startsWith('@'),
  // Only a scope can stand before a name: some leave out its `@`.
  readName: (full, { namespace }) => (namespace !== '' && !full.startsWith('@') ? `@${full}` : full),
});
