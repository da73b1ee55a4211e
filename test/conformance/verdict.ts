/** Compares our answers about one image with Clair's: equal, better (every difference has its reason), or wrong. */

import { type Atom, describeAtom, differences } from './atoms.ts';
import type { CorpusImage } from './corpus.ts';
import { explain } from './differences.ts';
import { errorKind } from './error-kind.ts';
import { type Layer, readLayers } from './layers.ts';
import { type NormalReport, normalise, type RawReport } from './normal-form.ts';
import type { Order, OsvDumps } from './osv-evidence.ts';
import type { Case } from './rule.ts';
import { type Abilities, cutToAbilities } from './scope.ts';

/** What we answered about an image. */
export interface OurAnswers {
  readonly postStatus: number;
  readonly index: RawReport;
  readonly vulnerabilityStatus: number;
  readonly vulnerability: RawReport | undefined;
}

/** The outcome for one image and one kind of report. */
export interface Verdict {
  readonly name: string;
  readonly verdict: 'equal' | 'better' | 'wrong';
  /** Differences without a reason, for people. */
  readonly wrong: readonly string[];
  /** Rule -> the differences that it explains, for people. */
  readonly explained: ReadonlyMap<string, readonly string[]>;
  /** Detectors whose packages could not be compared. */
  readonly notYet: readonly string[];
}

/** What rules may ask beyond the two reports. */
export interface Evidence {
  readonly abilities: Abilities;
  readonly osv: OsvDumps;
  readonly orderOf: (detector: string) => Order;
}

/** Judges the index report of `image`. */
export function judgeIndex(image: CorpusImage, ours: OurAnswers, evidence: Evidence): Verdict {
  return judge(image, image.golden.index, ours.index, evidence, (golden, mine) => {
    const atoms: Atom[] = [];
    const status = { golden: String(image.golden.postStatus), ours: String(ours.postStatus) };
    if (status.golden !== status.ours) atoms.push({ atom: 'outcome', what: 'status', ...status });
    if (golden.state !== mine.state) {
      atoms.push({ atom: 'outcome', what: 'state', golden: golden.state, ours: mine.state });
    } else if (errorKind(golden.err) !== errorKind(mine.err)) {
      const kinds = { golden: errorKind(golden.err), ours: errorKind(mine.err) };
      atoms.push({ atom: 'outcome', what: 'kind of error', ...kinds });
    }
    return atoms;
  });
}

/** Judges the vulnerability report of `image`. */
export function judgeReport(image: CorpusImage, ours: OurAnswers, evidence: Evidence): Verdict {
  // Where one of the two has no report, the index reports stand in: the rules look at their state and error.
  const both = image.golden.vulnerability !== undefined && ours.vulnerability !== undefined;
  const golden = both ? image.golden.vulnerability : image.golden.index;
  const mine = both ? ours.vulnerability : ours.index;
  return judge(image, golden ?? image.golden.index, mine ?? ours.index, evidence, () => {
    const status = {
      golden: String(image.golden.vulnerabilityStatus),
      ours: String(ours.vulnerabilityStatus),
    };
    return status.golden === status.ours ? [] : [{ atom: 'outcome', what: 'report status', ...status }];
  });
}

function judge(
  image: CorpusImage,
  rawGolden: RawReport,
  rawOurs: RawReport,
  { abilities, osv, orderOf }: Evidence,
  outcome: (golden: NormalReport, ours: NormalReport) => Atom[],
): Verdict {
  const { report: golden, notYet } = cutToAbilities(normalise(rawGolden), abilities);
  const ours = normalise(rawOurs);
  let layers: Layer[] | undefined;
  const at: Case = {
    image,
    golden,
    ours,
    notYet,
    osv,
    orderOf,
    layers: () => (layers ??= readLayers(image)),
  };
  const wrong: string[] = [];
  const explained = new Map<string, string[]>();
  const pending = new Set(notYet);
  for (const atom of [...outcome(golden, ours), ...differences(golden, ours)]) {
    const waitsFor = waitingFor(atom, at);
    if (waitsFor !== undefined) {
      pending.add(waitsFor);
      continue;
    }
    const rule = explain(atom, at);
    if (rule === undefined) wrong.push(describeAtom(atom));
    else explained.set(rule.id, [...(explained.get(rule.id) ?? []), describeAtom(atom)]);
  }
  return {
    name: image.name,
    verdict: wrong.length > 0 ? 'wrong' : explained.size > 0 ? 'better' : 'equal',
    wrong,
    explained,
    notYet: [...pending].sort(),
  };
}

/** A language package that belongs to an rpm is left out once there is a detector that knows so. */
function waitingFor(atom: Atom, at: Case): string | undefined {
  if (atom.atom !== 'package' || atom.side !== 'extra' || !at.notYet.includes('rpm')) return undefined;
  const owned = atom.package.environments.every(({ packageDb }) =>
    /^[a-z]+:usr\/(lib|lib64|bin|sbin|libexec)\//.test(packageDb),
  );
  return owned ? 'rpm' : undefined;
}
