/** What a rule that excuses differences is, and what it may look at. */
import type { Atom } from './atoms.ts';
import type { CorpusImage } from './corpus.ts';
import type { Layer } from './layers.ts';
import type { NormalReport } from './normal-form.ts';
import type { Order, OsvDumps } from './osv-evidence.ts';

/** One image with both answers, and where reasons are looked up. */
export interface Case {
  readonly image: CorpusImage;
  /** Cut to what we can find. */
  readonly golden: NormalReport;
  readonly ours: NormalReport;
  /** Detectors of packages in the golden answer that were cut. */
  readonly notYet: readonly string[];
  /** Read once, when first asked for. */
  readonly layers: () => readonly Layer[];
  readonly osv: OsvDumps;
  /** The version order of the ecosystem that has this detector. */
  readonly orderOf: (detector: string) => Order;
}

/** Something that we do otherwise than Clair, on purpose. Knows no image: it looks at the data. */
export interface Rule {
  readonly id: string;
  /** What is different, with where it is written that it should be. */
  readonly reason: string;
  /** Whether this is the reason of `atom`: true only if the data says so. */
  readonly explains: (atom: Atom, at: Case) => boolean;
}
