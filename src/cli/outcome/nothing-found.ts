/** Targets in which nothing was found though there should be something: an empty answer about them is no "ok" (decision 015). */
import type { IncompleteWire } from '../../matcher/report-wire.ts';
import type { IndexReportWire } from '../../model/index-report-wire.ts';

/** By the kind of target what is probably wrong with an empty one; an image is whole by the digests of its layers. */
const MISTAKES: Readonly<Record<string, string>> = {
  dir: 'name the folder that is the root of a system, as dir:/',
  sbom: 'it may be cut short: scan the image itself',
};

/** What was not checked of a target without any package or operating system; [] where that is all right, as of an image from scratch. */
export function nothingFound(
  { name, kind }: { readonly name: string; readonly kind: string },
  { packages, distributions, problems = [] }: IndexReportWire,
): IncompleteWire[] {
  if (Object.keys(packages).length > 0 || Object.keys(distributions).length > 0) return [];
  const incomplete = (reason: string): IncompleteWire[] => [{ what: name, reason, packages: 0 }];
  if (problems.length > 0) return incomplete('nothing was found, and not everything could be read');
  const mistake = MISTAKES[kind];
  return mistake === undefined ? [] : incomplete(`no package and no operating system is in it; ${mistake}`);
}
