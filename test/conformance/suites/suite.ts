/** What a suite of the conformance tests is: add a file here, and a line in `index.ts`. */
import type { CorpusImage } from '../corpus.ts';
import type { Evidence, OurAnswers, Verdict } from '../verdict.ts';

/** What a suite works with: our service is running, its first update is complete. */
export interface SuiteContext {
  readonly corpus: string;
  /** Where the corpus is served. */
  readonly corpusAddress: string;
  /** Where our service listens. */
  readonly serviceAddress: string;
  /** The images that can be judged, perhaps in part. */
  readonly images: readonly CorpusImage[];
  readonly evidence: Evidence;
  /** Our answers about an image: asked for once. */
  readonly answersFor: (image: CorpusImage) => Promise<OurAnswers>;
  /** Serves the next day's feeds and has them loaded; what was asked for before is forgotten. For the last suite. */
  readonly nextDay: () => Promise<void>;
  /** The way back from it. */
  readonly dayBefore: () => Promise<void>;
}

/** One suite: its name on the command line, and its cases one after another. */
export interface Suite {
  readonly name: string;
  run(context: SuiteContext): AsyncIterable<Verdict>;
}
