/** Every ecosystem there is, in the order of a report. */
import type { Ecosystem } from '../contract/ecosystem.ts';
import * as list from './list.ts';

/** A line of the list: an ecosystem, several, or one that is made of what the others say. */
type Family = Ecosystem | readonly Ecosystem[] | ((others: readonly Ecosystem[]) => Ecosystem);

const families = Object.values<Family>(list);
const others = families.flatMap((family) => (typeof family === 'function' ? [] : family));

/** Operating systems, then languages, then what is left; among these by the names of the families. */
export const ecosystems: readonly Ecosystem[] = families
  .map((family) => (typeof family === 'function' ? [family(others)] : [family].flat()))
  .sort((a, b) => placeOf(a) - placeOf(b))
  .flat();

function placeOf(family: readonly Ecosystem[]): number {
  if (family.some(({ fallback }) => fallback)) return 2;
  return family.some(({ detectors }) => detectors.some(({ kind }) => kind === 'distribution')) ? 0 : 1;
}
