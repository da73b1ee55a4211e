/** A set of notifications while it is gathered: on disk, as it may be larger than the memory. */
import { SpillFile } from '../lib/spill-file.ts';
import type { Item } from './collect.ts';
import { partMaker, type SetPart } from './store/save-set.ts';

export class SpooledSet implements Disposable {
  readonly #partOf = partMaker();
  readonly #lengths: number[] = [];
  #file: SpillFile | undefined;

  add(items: readonly Item[]): void {
    const text = Buffer.from(JSON.stringify(this.#partOf(items)));
    this.#file ??= new SpillFile();
    this.#file.append(text);
    this.#lengths.push(text.length);
  }

  /** What was added, in that order. */
  *parts(): Generator<SetPart> {
    let at = 0;
    for (const length of this.#lengths) {
      const text = Buffer.allocUnsafeSlow(length);
      this.#file?.read(text, at);
      at += length;
      yield JSON.parse(text.toString()) as SetPart;
    }
  }

  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
  }
}
