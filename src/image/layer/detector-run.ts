/** One detector at work on one layer: what it found so far, and whether it broke. */

import type {
  DetectedPackage,
  Detection,
  Detector,
  Entry,
  LayerView,
  OwnedFile,
  RecognisedPrograms,
} from '../../contract/detector.ts';
import { AppError, messageOf } from '../../errors.ts';
import { counted } from '../../lib/counted.ts';
import type { LayerBudget } from './layer-limits.ts';
import { charactersOf, Room } from './room.ts';

/** Of one detector in one layer, told one by one; the rest is a number. */
const MAX_PROBLEMS = 1000;
const PROBLEM_TEXT = 512;

type FoundBy = Detection & { readonly detector: string };

export class DetectorRun {
  readonly detector: Detector;
  // Of their own: detectors differ in what they have, and every entry of a layer is asked about.
  readonly #wants: Detector['wants'];
  readonly #inspects: Detector['inspects'];
  readonly #key: string;
  readonly #budget: LayerBudget;
  #found: FoundBy[] = [];
  #problems: FoundBy[] = [];
  #problemCount = 0;
  readonly #problemRoom = new Room(MAX_PROBLEMS, PROBLEM_TEXT);
  /** There was more to find than a layer may have. */
  #full = false;
  #broken = false;

  constructor(detector: Detector, budget: LayerBudget) {
    this.detector = { ...detector, ...detector.perLayer?.() };
    this.#wants = detector.wants;
    this.#inspects = detector.inspects;
    this.#key = `${detector.id}:${detector.revision}:${detector.kind}`;
    this.#budget = budget;
  }

  get broken(): boolean {
    return this.#broken;
  }

  /** Asks the detector; false once it has thrown. `where` is what it is asked about. */
  ask(where: string, question: () => boolean | undefined): boolean {
    if (this.#broken) return false;
    try {
      return question() === true;
    } catch (error) {
      this.#breakAt(where, error);
      return false;
    }
  }

  /** Whether the detector keeps an entry. Asked of every entry of a layer: nothing is made for the question. */
  wants(entry: Entry): boolean {
    if (this.#broken) return false;
    try {
      return this.#wants?.call(this.detector, entry) === true;
    } catch (error) {
      this.#breakAt(entry.path, error);
      return false;
    }
  }

  /** The same of a file that it looks at as it streams by. */
  inspects(entry: Entry): boolean {
    if (this.#broken) return false;
    try {
      return this.#inspects?.call(this.detector, entry) === true;
    } catch (error) {
      this.#breakAt(entry.path, error);
      return false;
    }
  }

  /** Takes all that the detector has to say. What throws loses this detector's detections, and no other's. */
  take(where: string, say: () => Iterable<Detection>): void {
    if (this.#broken) return;
    try {
      for (const found of say()) {
        this.#budget.check();
        if (found.found === 'problem') this.#tell({ ...found, detector: this.#key });
        else if (!this.#add({ ...found, detector: this.#key })) break;
      }
    } catch (error) {
      this.#breakAt(where, error);
    }
  }

  /** Says once more what it found at a path, for each of the other names that the file has. */
  alsoAt(names: ReadonlyMap<string, readonly string[]>): void {
    for (const found of [...this.#found]) {
      if (found.found !== 'package' && found.found !== 'linked') continue;
      const { database, path } = found.found === 'linked' ? found : found.package;
      for (const name of names.get(path) ?? []) {
        this.#budget.check();
        if (this.#full) return;
        const place = database.endsWith(path) ? database.slice(0, -path.length) + name : database;
        const renamed = { database: place, path: name };
        if (found.found === 'linked') this.#add({ ...found, ...renamed });
        else this.#add({ ...found, package: { ...found.package, ...renamed } });
      }
    }
  }

  /** Where the packages are that it found. */
  packagePaths(): string[] {
    return this.#found.flatMap((found) => (found.found === 'package' ? [found.package.path] : []));
  }

  /**
   * The files that packages of the operating system may own: of its packages, and those that it has something to tell of.
   * Not '': that is no file but the layer's root, which packages own, and what failed there failed as a whole.
   */
  ownablePaths(): string[] {
    const problems = [...this.#found, ...this.#problems].flatMap((each) =>
      each.found === 'problem' && each.where !== '' ? [each.where] : [],
    );
    return [...this.packagePaths(), ...problems];
  }

  /** Its packages, by where they are. */
  packages(): [path: string, found: DetectedPackage][] {
    return this.#found.flatMap((found): [string, DetectedPackage][] =>
      found.found === 'package' ? [[found.package.path, found.package]] : [],
    );
  }

  /** Where the programs are that it recognised and nobody can check. */
  programPaths(): string[] {
    return this.#problems.flatMap((each) =>
      each.found === 'problem' && each.kind === 'unchecked-program' ? [each.where] : [],
    );
  }

  /** Which of `paths` are parts of its `packages`. Where that cannot be told none is: it stays unaccounted, and that is told. */
  brought(view: LayerView, paths: ReadonlySet<string>, packages: ReadonlySet<string>): string[] {
    const brought: string[] = [];
    if (this.#broken) return brought;
    try {
      for (const path of this.detector.brings?.(view, paths, packages) ?? []) {
        this.#budget.check();
        if (paths.has(path)) brought.push(path);
      }
    } catch (error) {
      throwLimits(error);
      this.#tell({
        found: 'problem',
        where: '',
        reason: `some files of its packages are missing in the ledger: ${messageOf(error)}`,
        kind: 'note',
        detector: this.#key,
      });
    }
    return brought;
  }

  /** Which of `paths` its packages own. Where that cannot be told nobody owns them, so that nothing is left out. */
  owned(view: LayerView, paths: ReadonlySet<string>, programs: RecognisedPrograms): OwnedFile[] {
    const owned: OwnedFile[] = [];
    try {
      for (const each of this.detector.owns?.(view, paths, programs) ?? []) {
        this.#budget.check();
        if (paths.has(each.path)) owned.push(each);
      }
      return owned;
    } catch (error) {
      throwLimits(error);
      this.problem(
        '',
        `the file list of the packages cannot be read; no file is attributed to them: ${messageOf(error)}`,
      );
      return [];
    }
  }

  problem(where: string, reason: string): void {
    // A layer may have a million of them: nothing is made of those that are only counted.
    if (this.#problemRoom.isFull) this.#problemCount++;
    else this.#tell({ found: 'problem', where, reason, detector: this.#key });
  }

  results(): readonly FoundBy[] {
    const untold = this.#problemCount - this.#problems.length;
    const reason = `${counted(untold, 'more file or record', 'more files or records')} could not be read`;
    const rest: FoundBy[] = untold > 0 ? [{ found: 'problem', where: '', reason, detector: this.#key }] : [];
    return [...this.#found, ...this.#problems, ...rest];
  }

  #tell(problem: FoundBy): void {
    this.#problemCount++;
    if (this.#problemRoom.take(charactersOf(problem))) this.#problems.push(problem);
  }

  /** False: there is no room for it, nor for more. */
  #add(found: FoundBy): boolean {
    const { detections } = this.#budget;
    if (!this.#full && detections.take(charactersOf(found))) {
      this.#found.push(found);
      return true;
    }
    if (!this.#full) {
      const most = detections.most('detections of a layer');
      this.#problems.push({
        found: 'problem',
        where: found.found === 'package' ? found.package.path : '',
        reason: `exceeds the limit of ${most}: the rest is omitted (indexer.layer_limits.findings)`,
        detector: this.#key,
      });
      this.#problemCount++;
    }
    this.#full = true;
    return false;
  }

  #breakAt(where: string, error: unknown): void {
    throwLimits(error);
    this.#broken = true;
    this.#found = [];
    this.problem(where, `detector failed, what it found in this layer is lost: ${messageOf(error)}`);
  }
}

/** What ends the whole layer. */
function throwLimits(error: unknown): void {
  if (error instanceof AppError && (error.code === 'layer-limit' || error.code === 'layer-unavailable'))
    throw error;
}
