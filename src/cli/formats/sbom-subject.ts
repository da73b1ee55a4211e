/** The subject of SBOM formats: target, time and coverage of the scan. */

import type { SbomSubject } from '../../sbom/inventory.ts';
import { OWN } from '../../sbom/own-properties.ts';
import { missingText } from './coverage-text.ts';
import type { View } from './view.ts';
import { freshness } from './words.ts';

/** Returns the subject. `checked`: the document has findings; a list of packages depends on no feed. */
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
