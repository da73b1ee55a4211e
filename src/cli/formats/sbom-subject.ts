/** What the SBOM formats say of the scan as a whole. */

import type { SbomSubject } from '../../sbom/inventory.ts';
import { OWN } from '../../sbom/own-properties.ts';
import { missingText } from './coverage-text.ts';
import type { View } from './view.ts';
import { freshness } from './words.ts';

/** `checked`: whether the document says what was found; a mere list of packages rests on no feed. */
export function subjectOf(view: View, checked: boolean): SbomSubject {
  return {
    name: view.target.name,
    kind: view.target.kind,
    created: view.created,
    toolVersion: view.tool.version,
    properties: checked
      ? [
          ...(view.example === undefined ? [] : [[OWN.example, view.example] as const]),
          ...view.incomplete.map((entry) => [OWN.incomplete, missingText(entry)] as const),
          ...freshness(view).map((line) => [OWN.feed, line] as const),
        ]
      : [],
  };
}
