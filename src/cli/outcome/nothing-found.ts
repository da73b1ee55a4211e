/** Targets in which nothing was found though there should be something: an empty answer about them is no "ok" (decision 015). */
import type { IndexReportWire } from '../../model/index-report-wire.ts';

/** By the kind of target what is probably wrong with an empty one; an image is whole by the digests of its layers. */
const MISTAKES: Readonly<Record<string, string>> = {
  dir: 'name a root file system, for example dir:/, or a project with lock files',
  sbom: 'it may be truncated: scan the image itself',
};

/**
 * The index report with what its reader could not know: that a target of this kind is never empty. The matcher decides what
 * that means, as of all that is not there.
 */
export function withNothingFound(
  { name, kind }: { readonly name: string; readonly kind: string },
  index: IndexReportWire,
): IndexReportWire {
  const mistake = MISTAKES[kind];
  const { packages, distributions, problems = [] } = index;
  const isEmpty = Object.keys(packages).length === 0 && Object.keys(distributions).length === 0;
  if (!isEmpty || mistake === undefined) return index;
  const reason = `no packages and no operating system found: ${mistake}`;
  return {
    ...index,
    problems: [...problems, { source: 'target', where: name, reason, kind: 'nothing-found' }],
  };
}
