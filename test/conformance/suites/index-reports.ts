/** Suite `index`: POST and GET index_report of every image. */
import { judgeIndex } from '../verdict.ts';
import type { Suite } from './suite.ts';

/** Judges index reports. */
export const indexSuite: Suite = {
  name: 'index',
  async *run({ images, answersFor, evidence }) {
    for (const image of images) yield judgeIndex(image, await answersFor(image), evidence);
  },
};
