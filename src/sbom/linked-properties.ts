/** The code of programs in our SBOMs, and the way back: one property for each program. */
import type { SbomDocument } from '../formats/sbom/document.ts';
import type { IndexReport } from '../model/index-report.ts';
import { linkedFromWire, linkedToWire } from '../model/linked-code-wire.ts';
import { OWN } from './own-properties.ts';

export function linkedProperties({
  linked = [],
}: Pick<IndexReport, 'linked'>): [name: string, value: string][] {
  return linked.map((program) => [OWN.linked, JSON.stringify(linkedToWire(program))]);
}

/** No member if the document does not have it. What cannot be read is not told, and so unknown. */
export function ownLinked({ properties }: Pick<SbomDocument, 'properties'>): Pick<IndexReport, 'linked'> {
  const linked = properties.flatMap(([name, value]) => {
    if (name !== OWN.linked) return [];
    try {
      return linkedFromWire(JSON.parse(value)) ?? [];
    } catch {
      return [];
    }
  });
  return linked.length > 0 ? { linked } : {};
}
