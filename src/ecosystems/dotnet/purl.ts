/** NuGet packages as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { languagePurl } from '../../formats/purl/language.ts';
import { NUGET } from './detect-deps.ts';

/** `pkg:nuget/…`. */
export const purl: PurlMapping = languagePurl({
  type: 'nuget',
  repository: NUGET,
  folded: (name) => name.toLowerCase(),
});
