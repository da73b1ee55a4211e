/** Every ecosystem there is, in the order of a report. */
import type { Ecosystem } from '../contract/ecosystem.ts';
import * as families from './list.ts';

/** Operating systems, then languages, then what is left; among these by the names of the families. */
export const ecosystems: readonly Ecosystem[] = Object.values<Ecosystem | readonly Ecosystem[]>(families)
  .map((family) => [family].flat())
  .sort((a, b) => placeOf(a) - placeOf(b))
  .flat();

function placeOf(family: readonly Ecosystem[]): number {
  if (family.some(({ fallback }) => fallback)) return 2;
  return family.some(({ detectors }) => detectors.some(({ kind }) => kind === 'distribution')) ? 0 : 1;
}
