/** Shows how far a pull is. */
import type { PullProgress } from '../../matcher/published/pull.ts';
import { createMeter } from '../terminal/meter.ts';
import type { Progress } from '../terminal/progress.ts';

export function pullMeter(progress: Pick<Progress, 'show'>): (pulled: PullProgress) => void {
  const meter = createMeter('database', 'bytes');
  return ({ name, layers, layersOf, bytes, of }) =>
    progress.show(`${meter({ done: bytes, of })}; layers ${layers} of ${layersOf} (${name})`);
}
