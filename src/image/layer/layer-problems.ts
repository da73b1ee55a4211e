/** Problems of a layer itself: the first are told one by one, the rest as a number. */
import { counted } from '../../lib/counted.ts';
import type { LayerProblem } from './layer-scan.ts';

const MAX_PROBLEMS = 100;

export class LayerProblems {
  readonly #problems: LayerProblem[] = [];
  #count = 0;

  add(where: string, reason: string): void {
    if (this.#count++ < MAX_PROBLEMS) this.#problems.push({ where, reason });
  }

  told(): LayerProblem[] {
    const untold = this.#count - this.#problems.length;
    if (untold === 0) return this.#problems;
    return [
      ...this.#problems,
      { where: '', reason: counted(untold, 'more problem of this kind', 'more problems of this kind') },
    ];
  }
}
