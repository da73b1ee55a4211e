/** `spdx`: SPDX 2.3 JSON; findings are security references of their packages. */
import { type SpdxReference, writeSpdx } from '../../sbom/write-spdx.ts';
import type { Suppression } from '../policy/selection.ts';
import { subjectOf } from './sbom-subject.ts';
import type { FormatInput, ReportFinding } from './view.ts';
import { NOT_LINKED, otherNames, suppressionText } from './words.ts';

export function spdx(input: FormatInput): string {
  const { view, matches, suppressedMatches, index, packageIds, ecosystems } = input;
  const all = [...view.findings, ...view.suppressed];
  const places = [...matches, ...suppressedMatches];
  const byPackage = Map.groupBy(all.keys(), (position) => places[position]!.packageId);
  return writeSpdx(index, ecosystems, subjectOf(view, true), (position) =>
    (byPackage.get(packageIds[position]!) ?? []).map((finding) => referenceOf(all[finding]!)),
  );
}

/** Returns the packages without findings, for `--sbom-output`. */
export function spdxSbom({ view, index, ecosystems }: FormatInput): string {
  return writeSpdx(index, ecosystems, subjectOf(view, false));
}

/** Returns the reference of a finding (SPDX 2.3 annex F.2): `advisory` with a URL; without a link, a reference of type OTHER. */
function referenceOf(finding: ReportFinding & { readonly suppression?: Suppression }): SpdxReference {
  const { id, severity, fixedIn, undecided, links, suppression, linked } = finding;
  const others = otherNames(finding);
  const [link] = links;
  return {
    ...(link === undefined
      ? {
          referenceCategory: 'OTHER',
          referenceType: 'vulnerability',
          referenceLocator: encodeURIComponent(id),
        }
      : { referenceCategory: 'SECURITY', referenceType: 'advisory', referenceLocator: link }),
    comment: [
      `${id}: ${undecided ? 'may be affected, the version could not be compared' : 'affected'}`,
      ...(linked === 'no' ? [NOT_LINKED] : []),
      ...(others === '' ? [] : [`also known as ${others}`]),
      `severity ${severity}`,
      fixedIn === '' ? 'no fix' : `fixed in ${fixedIn}`,
      ...(suppression === undefined ? [] : [`suppressed: ${suppressionText(suppression)}`]),
    ].join('; '),
  };
}
